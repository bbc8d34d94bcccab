"""Outputs of members of one submission that are finished while the others run.

When one member of a submission fails, Snakemake deletes the outputs of all of them. So each keeps a second
name for what it has made, below `KEPT`, which a cluster's head makes at the start of a run. The next attempt
takes it back if it is of the same spec and inputs; what is missing when the run ends, the head puts in its
place.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from snakeval.system import origin
from snakeval.system.files import link
from snakeval.system.origin import Origin

KEPT = Path("results/.finished")


def keep(outputs: Iterable[str]) -> None:
    """Keep finished outputs, if the head of a cluster's run wants it."""
    if KEPT.is_dir():
        for output in outputs:
            link(Path(output), KEPT / output)


def taken_back(outputs: Iterable[str]) -> bool:
    """Put a member's outputs in their places, if all were kept and are of what it would make them of."""
    kept = {Path(output): KEPT / output for output in outputs}
    if not all(name.is_file() and _is_of(name, origin.said(output)) for output, name in kept.items()):
        return False
    for output, name in kept.items():
        link(name, output)
    return all(output.is_file() for output in kept)


def _is_of(name: Path, wanted: Origin | None) -> bool:
    """Whether a kept file is of this spec and these inputs; than inputs without a digest it is newer."""
    if wanted is None or wanted.inputs is None or origin.read(str(name)) != wanted:
        return False
    made = name.stat().st_mtime_ns
    large = (Path(path) for path, digest in wanted.inputs.items() if digest is None)
    return all(path.exists() and path.stat().st_mtime_ns <= made for path in large)


def put_back() -> None:
    """Put what is kept and missing in its place, and keep nothing more."""
    for name in _names():
        output = name.relative_to(KEPT)
        if output.exists():
            name.unlink()
        else:
            output.parent.mkdir(parents=True, exist_ok=True)
            name.replace(output)
    _remove_folders()


def begin_keeping() -> None:
    """Keep from now on; what is in its place is no longer needed a second time."""
    KEPT.mkdir(parents=True, exist_ok=True)
    for name in _names():
        if name.relative_to(KEPT).exists():
            name.unlink()


def _names() -> list[Path]:
    return [path for path in KEPT.rglob("*") if path.is_file()]


def _remove_folders() -> None:
    """Remove the folders that are empty; a job that a dead head has left may still write to one."""
    for folder in sorted([*KEPT.rglob("*"), KEPT], reverse=True):
        with suppress(OSError):
            folder.rmdir()
