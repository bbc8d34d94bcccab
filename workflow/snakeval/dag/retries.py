"""How often an output was finished with samples missing that may be had the next time.

The number is part of what makes the output stale, so that the next run asks for those samples again. It
only ever grows: the run that gets them all leaves it alone, and with it the output fresh.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path

log = logging.getLogger(__name__)
NAME = "retries"


def retries(journal: Path) -> int:
    """The number recorded beside an output's journals, 0 if there is none."""
    try:
        return int((journal / NAME).read_text())
    except (FileNotFoundError, ValueError):
        return 0


def note_failures(journal: Path, transient_failures: int) -> None:
    """Record that a run ends with so many rows worth asking for again; 0 leaves the record alone."""
    if transient_failures:
        journal.mkdir(parents=True, exist_ok=True)
        (journal / NAME).write_text(f"{retries(journal) + 1}\n")
        log.warning("%d samples could not be had; the next run asks for them again", transient_failures)


def known_here(spec: str, output: str) -> str:
    """An output's spec with no more retries than are on record here: the record may not have been copied."""
    noted = json.loads(spec).get(NAME) if f'"{NAME}": 0' not in spec else 0
    if not noted or (here := retries(_journal(Path(output)))) >= noted:
        return spec
    return json.dumps({**json.loads(spec), NAME: here}, sort_keys=True, ensure_ascii=False)


def _journal(output: Path) -> Path:
    """Where the rows of generations, grades, judgments, or of a judge's usage, are journalled."""
    root, *parts = output.with_suffix("").parts
    kept = [part for at, part in enumerate(parts) if (at, part) not in ((0, "usage"), (3, "judgments"))]
    return Path(root, ".journal", *kept)
