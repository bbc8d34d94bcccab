"""Which rows a journal holds: what is done, what is missing, rows back in any order asked for."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from snakeval.journal import kept as index_file
from snakeval.journal.checksums import Positions
from snakeval.journal.kept import Kept, State
from snakeval.journal.lines import (
    Digests,
    JournalError,
    Rows,
    decode_line,
    digest_text,
    pack_digests,
    parse_lines,
)
from snakeval.journal.reading import blocks, list_files, raw_lines
from snakeval.journal.runs import MANY, Run, Runs, merged

if TYPE_CHECKING:
    from snakeval.types import Json

CHUNK_ROWS = 10_000
CHUNK_BYTES = 32 << 20

_log = logging.getLogger(__name__)


class RowsChanged(JournalError):
    """A row is not where the index says; another scan finds it, or that it is missing."""


@dataclass(frozen=True, eq=False)
class JournalIndex:
    """The rows of a journal at the time of the scan; in memory while they are few, then in a file.

    `done` has one entry a digest with a row that carries no error: of several the first by (file name,
    offset), so the same files always give the same rows. `failed` has one a digest that has error rows only:
    the last. Both are sorted by digest. `damaged` counts, by file name, the lines that are no rows.
    """

    directory: Path
    files: tuple[str, ...]
    done: Run
    failed: Run
    damaged: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.done)

    def missing(self, wanted: Digests) -> Positions:
        """Return the positions in `wanted`, ascending, of the digests that have no finished row."""
        return np.flatnonzero(self.done.find(pack_digests(wanted)) < 0)

    def file_of(self, wanted: str) -> Path:
        """The file with the finished row of a digest."""
        (row,) = self.done.at(self._locate(pack_digests([wanted])))
        return self.directory / self.files[int(row["file"])]

    def digests(self) -> NDArray[np.bytes_]:
        """The digests of all finished rows, in binary, sorted."""
        return np.concatenate([part["digest"] for part in self.done.parts(whole=False)])

    def read(self, wanted: Digests) -> Iterator[Json]:
        """Return an iterator over the finished rows in the order asked for, a chunk of them in memory.

        Raises JournalError, before the first row, if a wanted digest has no finished row, and RowsChanged. If
        compaction merges files away meanwhile, the rows are found again where they now are.
        """
        keys = pack_digests(wanted)
        return self._stream(keys, self._locate(keys))

    def errors(self, wanted: Digests) -> dict[str, str]:
        """Return the text of the last error (its row's key `error`) of each wanted digest not done."""
        found = self.failed.find(pack_digests(wanted))
        rows = self.failed.at(np.unique(found[found >= 0]))
        try:
            texts: dict[str, str] = {}
            for at in range(0, len(rows), CHUNK_ROWS):
                chunk = rows[at : at + CHUNK_ROWS]
                for row, loaded in zip(chunk, self._load(chunk), strict=True):
                    texts[digest_text(row["digest"])] = str(loaded.get("error") or "transient: not said")
            return texts
        except FileNotFoundError:
            return scan(self.directory).errors(wanted)

    def _locate(self, keys: NDArray[np.bytes_]) -> Positions:
        found = self.done.find(keys)
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
            rows = index.done.at(found[at : at + CHUNK_ROWS])
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
                index_file.remove(self.directory)  # whatever it said of this file
                raise RowsChanged(
                    f"{path}: changed since it was scanned, at byte {offset}: {error}"
                ) from error
        return loaded


def scan(directory: Path) -> JournalIndex:
    """Index all rows of a journal; a directory that is not there has none.

    Files that the kept index knows, and that are unchanged, are not read again (see `snakeval.journal.kept`).
    Lists the directory until nothing new turns up: compaction may replace files after the listing.
    """
    known = index_file.load(directory)
    scanned = _Scan(directory, known)
    while names := [name for name in list_files(directory) if name not in scanned.states]:
        scanned.read(names)
    return scanned.index(keep=True)


def scan_files(directory: Path, names: Iterable[str]) -> JournalIndex:
    """Index the rows of some of a journal's files; one that is gone has none."""
    scanned = _Scan(directory, None)
    scanned.read(names)
    return scanned.index(keep=False)


class _Scan:
    """A scan under way: `states` are those of the files that are read, or known, in the order of numbers."""

    def __init__(self, directory: Path, known: tuple[Kept, tuple[Run, Run]] | None) -> None:
        self._directory, self._known = directory, known
        self.states: dict[str, State] = dict(known[0].states) if known else {}
        self._damaged = dict(known[0].damaged) if known else {}
        self._rows, self._count = Runs(), 0

    def read(self, names: Iterable[str]) -> None:
        """Read files that are not known."""
        for name in names:
            path, number, damaged = self._directory / name, len(self.states), 0
            self.states[name] = index_file.state_of(path)
            # A file merged away since it was listed has no rows here; the merged file is listed next.
            with suppress(FileNotFoundError), path.open("rb", buffering=0) as handle:
                for offset, data in blocks(handle):
                    rows, bad = parse_lines(data)
                    rows["offset"] += offset
                    rows["file"] = number
                    self._rows.add(rows)
                    self._count += len(rows)
                    if len(bad) and not damaged:
                        _log.warning("%s: skipped what is no row, first at byte %d", path, offset + bad[0])
                    damaged += len(bad)
            if damaged:
                self._damaged[name] = damaged

    def index(self, keep: bool) -> JournalIndex:
        """The index of all that was read or known; kept for the next scan if it may be and is of use."""
        if self._known and not self._count:
            return JournalIndex(self._directory, tuple(self.states), *self._known[1], self._damaged)
        names = sorted(self.states)
        rank = np.array([names.index(name) for name in self.states], np.int32)
        runs = [*(self._known[1] if self._known else ()), *self._rows.end()]
        parts = partial(merged, runs, rank)
        if sum(map(len, runs)) < MANY:
            done, failed = (Run.of(rows) for rows in next(parts()))
        else:
            states = {name: self.states[name] for name in names}
            lasting = keep and index_file.settled(states.values())
            kept = Kept(states, self._damaged) if lasting else None
            done, failed = index_file.store(self._directory, kept, parts)
        return JournalIndex(self._directory, tuple(names), done, failed, self._damaged)
