"""How often an output was finished with samples missing that may be had the next time.

The number is part of what makes the output stale, so that the next run asks for those samples again. It
only ever grows: the run that gets them all leaves it alone, and with it the output fresh.

What a server refused may be had once the cause is mended, which nobody here can see. So it too is asked
again, by one run more: the record says which requests were refused, and a run that ends with the same ones
leaves the number alone. Where no score can be made without them, `ask_again` has every run ask.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable
from pathlib import Path

from snakeval.system.files import write_text

log = logging.getLogger(__name__)
NAME = "retries"


def retries(journal: Path) -> int:
    """The number recorded beside an output's journals, 0 if there is none."""
    return _read(journal)[0]


def note_failures(journal: Path, transient: int, refused: Iterable[str] = ()) -> None:
    """Record that a run ends without so many samples, and without those, by their keys, that were refused."""
    keys = sorted(set(refused))
    number, before = _read(journal)
    now = hashlib.sha256("\n".join(keys).encode()).hexdigest() if keys else ""
    if keys and now == before:
        log.warning(
            "%d requests were refused, as in the run before, and are not asked again by themselves: mend the "
            "cause, then delete the output and run again",
            len(keys),
        )
    elif keys:
        log.warning("%d requests were refused; the next run asks once more, so mend the cause", len(keys))
    if transient:
        log.warning("%d samples could not be had; the next run asks for them again", transient)
    again = bool(transient or (keys and now != before))
    if again or now != before:
        _write(journal, number + again, now)


def ask_again(journal: Path) -> None:
    """Have the next run ask for what was refused, however often it was."""
    _write(journal, retries(journal) + 1, "")


def _read(journal: Path) -> tuple[int, str]:
    """The number, and what stands for the requests that were refused in the last run."""
    path = journal / NAME
    try:
        if not path.is_file():  # anything else in its place could block whoever opens it
            return 0, ""
        number, _, refused = path.read_text(encoding="utf-8").partition("\n")
        return int(number), refused.strip()
    except (OSError, ValueError):
        return 0, ""


def _write(journal: Path, number: int, refused: str) -> None:
    try:
        write_text(journal / NAME, f"{number}\n{refused}".rstrip() + "\n")
    except OSError as error:
        log.warning("%s: can't be written (%s), so the next run will not ask again", journal / NAME, error)


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
