"""A journal's files as they are read: which there are, in blocks of whole lines, a line at its place."""

from __future__ import annotations

import errno
import logging
import os
import stat
from collections.abc import Iterator, Sequence
from io import FileIO
from pathlib import Path

import numpy as np

from snakeval.journal.checksums import Bytes
from snakeval.journal.lines import MAX_LINE, SUFFIX, Rows

BLOCK = 2 << 20

_log = logging.getLogger(__name__)


def raw_lines(directory: Path, files: Sequence[str], rows: Rows) -> Iterator[bytes]:
    """Yield the lines of rows sorted by file and offset. A file that is gone is a FileNotFoundError."""
    for mine in np.split(rows, np.flatnonzero(np.diff(rows["file"])) + 1) if len(rows) else ():
        path = directory / files[mine["file"][0]]
        try:
            with path.open("rb", buffering=0) as handle:
                for offset, length in zip(
                    mine["offset"].tolist(), np.abs(mine["length"]).tolist(), strict=True
                ):
                    yield os.pread(handle.fileno(), length, offset)
        except OSError as error:
            if error.errno == errno.ESTALE:  # what NFS says of a file deleted on another machine
                raise FileNotFoundError(errno.ENOENT, "deleted", str(path)) from error
            raise


def list_files(directory: Path) -> list[str]:
    """Return the names of a journal's files in order of their start; none if there is no such directory."""
    try:
        with os.scandir(directory) as entries:
            return sorted(entry.name for entry in entries if entry.name.endswith(SUFFIX) and _is_file(entry))
    except FileNotFoundError:
        return []


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Whether an entry can hold rows; a pipe would block whoever opens it."""
    try:
        regular = stat.S_ISREG(entry.stat().st_mode)
    except FileNotFoundError:
        regular = not entry.is_symlink()  # gone just now, which whoever reads it will see
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        regular = False
    if not regular:
        _log.warning("%s: passed over, as it is no file", entry.path)
    return regular


def blocks(handle: FileIO) -> Iterator[tuple[int, Bytes]]:
    """Yield (offset, whole lines), which last until the next; what follows the last newline is torn."""
    buffer, offset, filled = np.empty(BLOCK, np.uint8), 0, 0
    while count := handle.readinto(buffer.data[filled:]):
        filled += count
        used = _after_newline(buffer[:filled])
        if not used:
            if filled < len(buffer):
                continue
            if filled < MAX_LINE:
                buffer = np.concatenate((buffer, np.empty_like(buffer)))
                continue
            buffer[-1], used = ord("\n"), filled  # no row is so long: a piece of damage
        yield offset, buffer[:used]
        offset, filled = offset + used, filled - used
        buffer[:filled] = buffer[used : used + filled].copy()


def _after_newline(data: Bytes) -> int:
    """The position after the last newline, 0 for none."""
    size, found = 1 << 10, 0
    while not found and size < 2 * len(data) + (2 << 10):
        found = data[-size:].tobytes().rfind(b"\n") + 1
        size *= 2
    return found and max(0, len(data) - size // 2) + found
