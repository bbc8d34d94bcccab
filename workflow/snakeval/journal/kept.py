"""A journal's index as a file: what the last scan found, so that the next one need not read every row.

The file `index` lies among the journal's own. It counts only if it is whole and if every file that it is of
is there unchanged: of the same size, inode and times of change. The kernel sets the last of these (ctime),
and nobody can set it back. Whatever else it is worth nothing, is made anew from the rows, and may be deleted
at any time. A row that is read has its checksum verified whichever index led to it.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO
from zlib import crc32

import numpy as np

from snakeval.journal.lines import NO_ROWS, ROW, Rows
from snakeval.journal.runs import PARTS, Opened, Run
from snakeval.system.files import replacing

log = logging.getLogger(__name__)
NAME = "index"
VERSION = 1
# Times of change are those of the kernel's last tick: a file changed so lately may change unseen.
TICK_SECONDS = 0.05
_END = b"\nsnakeval %010d\n"
_END_SIZE = len(_END % 0)
State = tuple[int, ...]
Runs = tuple[Run, Run]


@dataclass(frozen=True, eq=False)
class Kept:
    """Of which files an index is: their states by name, in the order of their numbers, and their damage."""

    states: Mapping[str, State]
    damaged: Mapping[str, int]


def state_of(path: Path) -> State:
    """What tells whether a file has changed; all that is known of one that is not there is ()."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return ()
    return found.st_size, found.st_ino, found.st_mtime_ns, found.st_ctime_ns


def settled(states: Iterable[State]) -> bool:
    """Whether a change from now on would be seen in the states of files that were looked at just now."""
    return all(state and state[3] < time.time_ns() - TICK_SECONDS * 1e9 for state in states)


def load(directory: Path) -> tuple[Kept, Runs] | None:
    """The index of a journal, if it is whole and its files are as they were."""
    path = directory / NAME
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            kept, runs = _read(file)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        log.info("%s: made anew: %s", path, error)
        return None
    changed = [name for name, state in kept.states.items() if state_of(directory / name) != state]
    if changed:
        log.info("%s: made anew: %s has changed", path, changed[0])
    return None if changed else (kept, runs)


def _read(file: IO[bytes]) -> tuple[Kept, Runs]:
    size = os.fstat(file.fileno()).st_size
    end = os.pread(file.fileno(), _END_SIZE, max(0, size - _END_SIZE))
    length = int(end[-11:-1])
    if end != _END % length or length > size:
        raise ValueError("it is cut")
    said = json.loads(os.pread(file.fileno(), length - _END_SIZE, size - length))
    done, failed = (np.array(said[key], np.int64) for key in ("done", "failed"))
    rows = int(done[-1] + failed[-1]) * ROW.itemsize
    fits = said["version"] == VERSION and rows == size - length and len(done) == len(failed) == PARTS + 1
    if not fits or said["checksum"] != _checksum(file, rows):
        raise ValueError("it is of another version, or damaged")
    kept = Kept({name: tuple(state) for name, state in said["states"].items()}, dict(said["damaged"]))
    opened = Opened(file)
    return kept, (Run(done, None, opened), Run(failed, None, opened, int(done[-1]) * ROW.itemsize))


def _checksum(file: IO[bytes], size: int) -> int:
    found, at = 0, 0
    while at < size and (piece := os.pread(file.fileno(), min(1 << 20, size - at), at)):
        found, at = crc32(piece, found), at + len(piece)
    return found


def remove(directory: Path) -> None:
    """Have the next scan make the index anew."""
    with suppress(OSError):
        (directory / NAME).unlink()


def store(directory: Path, kept: Kept | None, parts: Callable[[], Iterator[tuple[Rows, Rows]]]) -> Runs:
    """The done and the failed rows of all parts, in a file: the index, if there is one to keep.

    Where that can't be, as on a full disk, it is a temporary file, or memory.
    """
    with suppress(OSError):
        if kept is not None:
            with replacing(directory / NAME, durable=False) as path, path.open("xb+") as file:
                return _write(file, parts(), kept)
    with suppress(OSError), TemporaryFile(prefix="snakeval-journal-") as file:
        return _write(file, parts(), None)
    done, failed = zip(*parts(), strict=True)
    return Run.of(np.concatenate(done)), Run.of(np.concatenate(failed))


def _write(file: IO[bytes], parts: Iterable[tuple[Rows, Rows]], kept: Kept | None) -> Runs:
    edges, checksum = {"done": [0], "failed": [0]}, 0
    later = [NO_ROWS]
    for done, failed in parts:
        checksum = crc32(content := done.tobytes(), checksum)
        file.write(content)
        later.append(failed)
        for rows, counts in zip((done, failed), edges.values(), strict=True):
            counts.append(counts[-1] + len(rows))
    failed_at = file.tell()
    checksum = crc32(content := np.concatenate(later).tobytes(), checksum)
    file.write(content)
    if kept is not None:
        said = {"version": VERSION, **edges, "checksum": checksum, "states": kept.states}
        text = json.dumps({**said, "damaged": kept.damaged}).encode()
        file.write(text + _END % (len(text) + _END_SIZE))
    file.flush()
    at_done, at_failed = (np.array(each, np.int64) for each in edges.values())
    opened = Opened(file)
    return Run(at_done, None, opened), Run(at_failed, None, opened, failed_at)
