"""Whether files of people's verdicts are there and right, known before anything is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from snakeval.config.errors import Report
from snakeval.formats.people import HumanFileError, read_pairs, read_points
from snakeval.schema import Arena, Judge


def check_people(
    arenas: Mapping[str, Arena], judges: Mapping[str, Judge], root: Path, report: Report
) -> None:
    """Note every `human` of an arena or a judge that cannot be read."""
    for name, arena in arenas.items():
        _check(f"config/arenas/{name}.yaml", arena.human, read_pairs, root, report)
    for name, judge in judges.items():
        _check(f"config/judges/{name}.yaml", judge.human, read_points, root, report)


def _check(file: str, path: str | None, read: Callable[[Path], object], root: Path, report: Report) -> None:
    if path is None:
        return
    if not (root / path).is_file():
        report.add(file, "human", f"there is no file '{path}'")
        return
    try:
        read(root / path)
    except HumanFileError as error:
        report.add(file, "human", str(error).removeprefix(f"{root}/"))
