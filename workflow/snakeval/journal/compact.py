"""Merging the journal files of jobs that have ended, so that thousands of small ones do not pile up."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from snakeval.journal.index import JournalIndex, scan_files
from snakeval.journal.lines import SUFFIX, JournalError
from snakeval.journal.reading import list_files, raw_lines
from snakeval.journal.writer import sync_directory
from snakeval.system.processes import machine

MERGED = "-merged-"
ASIDE = ".merging-"
LOCK = ".compact"
DAY = 86_400.0


def compact(directory: Path, min_files: int = 16, age_seconds: float = DAY) -> int:
    """Merge the files of ended jobs into one and return how many they were, unless fewer than `min_files`.

    Kept are all rows but duplicates: of each digest the row that an index gives, so error rows
    followed by a finished one go. Whether anybody still wants a row plays no part.

    A job has ended if the lock on its file is free and this machine could see the lock; a file from
    another machine, or one without rows, also has to be unchanged for `age_seconds` (writers touch theirs
    every ten minutes). Merging stops before the first file that may be alive, so that
    which of two rows with one digest comes first stays as it was. A crash at any moment leaves duplicates
    at worst. A file with damage is kept as `<name>.damaged`, which nobody reads.
    """
    if not list_files(directory):
        return 0
    with _alone(directory) as alone:
        if not alone:
            return 0
        _remove_leftovers(directory, age_seconds)
        names = list(takewhile(lambda name: _ended(directory / name, age_seconds), list_files(directory)))
        if len(names) < max(2, min_files):
            return 0
        index = scan_files(directory, names)
        _write_merged(directory, index)
        for name in names:
            if name in index.damaged:
                (directory / name).rename(directory / f"{name}.damaged")
            else:
                (directory / name).unlink(missing_ok=True)
        sync_directory(directory)
        return len(names)


def _write_merged(directory: Path, index: JournalIndex) -> None:
    """Write an index's rows to one file that sorts where the first of its files did."""
    rows = np.concatenate([*index.done.parts(whole=True), *index.failed.parts(whole=True)])
    rows = rows[np.lexsort((rows["offset"], rows["file"]))]
    if not len(rows):
        return
    start, unique = index.files[0].split("-", 1)[0], f"{time.time_ns():019d}-{machine()}-{os.getpid()}"
    aside = directory / f"{ASIDE}{unique}"
    try:
        with aside.open("xb") as handle:
            handle.writelines(raw_lines(directory, index.files, rows))
            handle.flush()
            os.fsync(handle.fileno())
        again = scan_files(directory, [aside.name])
        pairs = zip(_digests(index), _digests(again), strict=True)
        if not all(np.array_equal(before, after) for before, after in pairs):
            raise JournalError(
                f"{aside}: merged rows read back differ; the {len(index.files)} files are kept"
            )
        aside.rename(directory / f"{start}{MERGED}{unique}{SUFFIX}")
    finally:
        aside.unlink(missing_ok=True)
    sync_directory(directory)


def _digests(index: JournalIndex) -> Iterator[NDArray[np.bytes_]]:
    return (rows["digest"] for run in (index.done, index.failed) for rows in run.parts(whole=False))


def _ended(path: Path, age_seconds: float) -> bool:
    if MERGED in path.name:
        return True
    try:
        status, lock = path.stat(), _lock_of(path)
    except FileNotFoundError:
        return False
    if lock == "held":
        return False
    # A writer locks its file before the first row, so a file with rows and no lock has lost its writer.
    if lock == "free" and f"-{machine()}-" in path.name and status.st_size > 0:
        return True
    return time.time() - status.st_mtime > age_seconds


def _lock_of(path: Path) -> Literal["held", "free", "unknown"]:
    with path.open("rb") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return "held"
        except OSError:
            return "unknown"
        return "free"


@contextmanager
def _alone(directory: Path) -> Iterator[bool]:
    """Say whether no other compaction runs here. Without locks two may: that leaves duplicates, no loss."""
    lock = directory / LOCK
    if lock.is_symlink() or (lock.exists() and not lock.is_file()):
        yield False  # to open a pipe would block
        return
    with lock.open("ab") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        except OSError:
            pass
        yield True


def _remove_leftovers(directory: Path, age_seconds: float) -> None:
    for path in directory.glob(f"{ASIDE}*"):
        if time.time() - path.stat().st_mtime > age_seconds:
            path.unlink(missing_ok=True)
