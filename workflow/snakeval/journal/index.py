"""Which rows a journal holds: what is done, what is missing, rows back in any order asked for."""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from snakeval.journal.lines import (
    MAX_LINE,
    NO_ROWS,
    SUFFIX,
    Bytes,
    Digests,
    JournalError,
    Positions,
    Rows,
    decode_line,
    digest_text,
    pack_digests,
    parse_lines,
)
from snakeval.types import Json

BLOCK = 4 << 20
CHUNK_ROWS = 10_000
CHUNK_BYTES = 32 << 20

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class JournalIndex:
    """The rows of a journal at the time of the scan; 32 bytes of memory each, however long they are.

    `done` has one entry a digest with a row that carries no error: of several the first by (file name,
    offset), so the same files always give the same rows. `failed` has one a digest that has error rows only:
    the last. Both are sorted by digest. `damaged` counts, by file name, the lines that are no rows.
    """

    directory: Path
    files: tuple[str, ...]
    done: Rows
    failed: Rows
    damaged: dict[str, int]

    def __len__(self) -> int:
        return len(self.done)

    def missing(self, wanted: Digests) -> Positions:
        """Return the positions in `wanted`, ascending, of the digests that have no finished row."""
        return np.flatnonzero(_find(self.done["digest"], pack_digests(wanted)) < 0)

    def read(self, wanted: Digests) -> Iterator[Json]:
        """Return an iterator over the finished rows in the order asked for, a chunk of them in memory.

        Raises JournalError, before the first row, if a wanted digest has no finished row. If compaction
        merges files away meanwhile, the rows are found again where they now are.
        """
        keys = pack_digests(wanted)
        return self._stream(keys, self._locate(keys))

    def errors(self, wanted: Digests) -> dict[str, str]:
        """Return the text of the last error (its row's key `error`) of each wanted digest not done."""
        found = _find(self.failed["digest"], pack_digests(wanted))
        rows = self.failed[np.unique(found[found >= 0])]
        try:
            texts: dict[str, str] = {}
            for at in range(0, len(rows), CHUNK_ROWS):
                chunk = rows[at : at + CHUNK_ROWS]
                for row, loaded in zip(chunk, self._load(chunk), strict=True):
                    texts[digest_text(row["digest"])] = str(loaded.get("error"))
            return texts
        except FileNotFoundError:
            return scan(self.directory).errors(wanted)

    def _locate(self, keys: NDArray[np.bytes_]) -> Positions:
        found = _find(self.done["digest"], keys)
        absent = np.flatnonzero(found < 0)
        if len(absent):
            raise JournalError(
                f"{self.directory}: {len(absent)} of the {len(keys)} rows asked for are not there, "
                f"the first is {digest_text(keys[absent[0]])}"
            )
        return found

    def _stream(self, keys: NDArray[np.bytes_], found: Positions) -> Iterator[Json]:
        index, at = self, 0
        while at < len(keys):
            rows = index.done[found[at : at + CHUNK_ROWS]]
            fitting = int(np.searchsorted(np.cumsum(rows["length"], dtype=np.int64), CHUNK_BYTES))
            try:
                chunk = index._load(rows[: max(1, fitting)])
            except FileNotFoundError:
                index = scan(self.directory)
                found = index._locate(keys)
                continue
            yield from chunk
            at += len(chunk)

    def _load(self, rows: Rows) -> list[Json]:
        order = np.lexsort((rows["offset"], rows["file"]))
        loaded: list[Json] = [{}] * len(rows)
        for at, line in zip(order, raw_lines(self.directory, self.files, rows[order]), strict=True):
            try:
                loaded[at] = decode_line(line)
            except ValueError as error:
                path, offset = self.directory / self.files[rows[at]["file"]], rows[at]["offset"]
                raise JournalError(
                    f"{path}: changed since it was scanned, at byte {offset}: {error}"
                ) from error
        return loaded


def raw_lines(directory: Path, files: Sequence[str], rows: Rows) -> Iterator[bytes]:
    """Yield the lines of rows sorted by file and offset. A file that is gone is a FileNotFoundError."""
    for mine in np.split(rows, np.flatnonzero(np.diff(rows["file"])) + 1) if len(rows) else ():
        path = directory / files[mine["file"][0]]
        try:
            with path.open("rb", buffering=0) as handle:
                for offset, length in zip(mine["offset"].tolist(), mine["length"].tolist(), strict=True):
                    yield os.pread(handle.fileno(), length, offset)
        except OSError as error:
            if error.errno == errno.ESTALE:  # what NFS says of a file deleted on another machine
                raise FileNotFoundError(errno.ENOENT, "deleted", str(path)) from error
            raise


def list_files(directory: Path) -> list[str]:
    """Return the names of a journal's files in order of their start; none if there is no such directory."""
    try:
        with os.scandir(directory) as entries:
            return sorted(entry.name for entry in entries if entry.name.endswith(SUFFIX))
    except FileNotFoundError:
        return []


def scan(directory: Path) -> JournalIndex:
    """Index all rows of a journal; a directory that is not there has none.

    Lists the directory until nothing new turns up: compaction may replace files after the listing.
    """
    parts: dict[str, _Part] = {}
    while names := [name for name in list_files(directory) if name not in parts]:
        parts |= {name: _scan_file(directory / name) for name in names}
    return _index(directory, parts)


def scan_files(directory: Path, names: Iterable[str]) -> JournalIndex:
    """Index the rows of some of a journal's files; one that is gone has none."""
    return _index(directory, {name: _scan_file(directory / name) for name in names})


class _Part(NamedTuple):
    done: Rows
    failed: Rows
    damaged: int


def _scan_file(path: Path) -> _Part:
    done, failed, damaged = [NO_ROWS], [NO_ROWS], 0
    # A file merged away since it was listed has no rows here; the merged file is listed next.
    with suppress(FileNotFoundError), path.open("rb", buffering=0) as handle:
        for offset, data, newlines in _blocks(handle):
            rows, ok, bad = parse_lines(data, newlines)
            rows["offset"] += offset
            done.append(rows[ok])
            failed.append(rows[~ok])
            if len(bad) and not damaged:
                _log.warning("%s: skipped what is no row, first at byte %d", path, offset + bad[0])
            damaged += len(bad)
    return _Part(np.concatenate(done), np.concatenate(failed), damaged)


def _blocks(handle: FileIO) -> Iterator[tuple[int, Bytes, Positions]]:
    """Yield (offset, whole lines, where they end); what follows the last newline of a file is torn."""
    buffer, offset, filled = np.empty(BLOCK, np.uint8), 0, 0
    while count := handle.readinto(buffer.data[filled:]):
        filled += count
        ends = np.flatnonzero(buffer[:filled] == ord("\n"))
        if not len(ends):
            if filled < len(buffer):
                continue
            if filled < MAX_LINE:
                buffer = np.concatenate((buffer, np.empty_like(buffer)))
                continue
            ends = np.array([filled - 1])  # no row is so long: a piece of damage
        used = int(ends[-1]) + 1
        yield offset, buffer[:used], ends
        offset, filled = offset + used, filled - used
        buffer[:filled] = buffer[used : used + filled].copy()


def _index(directory: Path, parts: dict[str, _Part]) -> JournalIndex:
    names = sorted(parts)
    damaged = {name: parts[name].damaged for name in names if parts[name].damaged}
    for number, name in enumerate(names):
        parts[name].done["file"] = parts[name].failed["file"] = number
    finished, failures = [parts[name].done for name in names], [parts[name].failed for name in names]
    parts.clear()
    done, failed = _one_each(finished, last=False), _one_each(failures, last=True)
    failed = failed[_find(done["digest"], failed["digest"]) < 0]
    return JournalIndex(directory, tuple(names), done, failed, damaged)


def _one_each(pieces: list[Rows], last: bool) -> Rows:
    """Sort rows by digest and keep the first, or the last, of each; empties `pieces`, half of the memory."""
    rows: Rows = np.concatenate([NO_ROWS, *pieces])
    pieces.clear()
    rows = rows[np.argsort(_first_half(rows["digest"]), kind="stable")]
    if not _told_apart(rows["digest"]):
        rows = rows[np.argsort(rows["digest"], kind="stable")]
    differs = rows["digest"][1:] != rows["digest"][:-1]
    ends = np.ones(min(1, len(rows)), bool)
    if not differs.all():
        rows = rows[np.concatenate((differs, ends) if last else (ends, differs))]
    return rows


def _find(digests: NDArray[np.bytes_], keys: NDArray[np.bytes_]) -> Positions:
    """Return the position in `digests`, which are sorted, of each key, -1 for one that is not there."""
    if not len(digests):
        return np.full(len(keys), -1)
    if _told_apart(digests):
        at = np.searchsorted(_first_half(digests), _first_half(keys))
    else:
        at = np.searchsorted(np.ascontiguousarray(digests), keys)
    at = np.minimum(at, len(digests) - 1)
    return np.where(digests[at] == keys, at, -1)


def _first_half(digests: NDArray[np.bytes_]) -> NDArray[np.uint64]:
    """Return the first 64 bits of digests: integers sort and are found in a third of the time."""
    return np.ascontiguousarray(digests).view(">u8")[::2].astype(np.uint64)


def _told_apart(digests: NDArray[np.bytes_]) -> bool:
    """Say whether the first halves of digests, sorted by them, suffice to tell unequal ones apart."""
    high = _first_half(digests)
    return not bool(((high[1:] == high[:-1]) & (digests[1:] != digests[:-1])).any())
