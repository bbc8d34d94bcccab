"""Rows sorted by digest: in memory, or in a file where they are many, so that memory does not grow with them.

Digests are hashes, so that their first bytes part any number of rows into `PARTS` parts of like size: what
is done with sorted rows is done with one part after another.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import pairwise
from tempfile import TemporaryFile
from typing import IO

import numpy as np
from numpy.typing import NDArray

from snakeval.journal.checksums import Positions
from snakeval.journal.lines import NO_ROWS, ROW, JournalError, Rows

PARTS = 256
MANY = 1 << 15  # rows from which on a journal's are sorted in a file, and part by part
IN_MEMORY = 1 << 17  # rows that wait in memory to be sorted
_STARTS = np.arange(PARTS, dtype=np.uint64) << np.uint64(56)


class Opened:
    """A file that stays open, whatever becomes of its name, as long as a run reads from it."""

    def __init__(self, file: IO[bytes]) -> None:
        self.name, self.descriptor = file.name, os.dup(file.fileno())
        weakref.finalize(self, os.close, self.descriptor)


class Run:
    """Sorted rows, one a digest or several: those of `rows`, or of a file from byte `start` on.

    `edges` are the positions where the parts begin, and the number of rows.
    """

    def __init__(self, edges: Positions, rows: Rows | None, file: Opened | None = None, start: int = 0):
        self.edges, self._rows, self._file, self._start = edges, rows, file, start

    @classmethod
    def of(cls, rows: Rows) -> Run:
        """A run of rows in memory."""
        return cls(_edges(rows), rows)

    def __len__(self) -> int:
        return int(self.edges[-1])

    def between(self, first: int, last: int) -> Rows:
        """The rows at these positions. Raises JournalError where the file has lost them."""
        if self._rows is not None:
            return self._rows[first:last]
        assert self._file is not None
        size, at = (last - first) * ROW.itemsize, self._start + first * ROW.itemsize
        found = os.pread(self._file.descriptor, size, at)
        if len(found) < size:
            raise JournalError(f"{self._file.name}: cut while it was read; run again")
        return np.frombuffer(found, ROW)

    def parts(self, whole: bool) -> Iterator[Rows]:
        """The rows of each part, or all at once."""
        edges = self.edges[[0, -1]] if whole else self.edges
        return (self.between(a, b) for a, b in pairwise(edges.tolist()))

    def at(self, positions: Positions) -> Rows:
        """The rows at positions in any order."""
        if self._rows is not None:
            return self._rows[positions]
        rows = [self.between(at, at + 1) for at in positions.tolist()]
        return np.concatenate([NO_ROWS, *rows])

    def find(self, keys: NDArray[np.bytes_]) -> Positions:
        """The position of each key, of dtype S16, -1 for one that is not there; the keys in any order."""
        found = np.full(len(keys), -1, np.int64)
        highs = _first_half(keys)
        order = np.argsort(highs)
        highs = highs.take(order)
        whole = len(self) < MANY
        bounds = np.append(np.searchsorted(highs, _STARTS[:1] if whole else _STARTS), len(keys))
        for number, (a, b) in enumerate(zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)):
            first, last = (0, len(self)) if whole else map(int, self.edges[number : number + 2])
            if a < b and first < last:
                mine = order[a:b]
                at = _find(self.between(first, last)["digest"], highs[a:b], keys.take(mine))
                found[mine] = np.where(at < 0, -1, at + first)
        return found


class Runs:
    """Takes rows in any order; gives them in runs that are parted, not sorted, in a file if they are many."""

    def __init__(self) -> None:
        self._pieces: list[Rows] = []
        self._waiting = 0
        self._runs: list[Run] = []
        self._file: Opened | None = None
        self._end = 0

    def add(self, rows: Rows) -> None:
        """Take rows, which may come to lie in a file."""
        self._pieces.append(rows)
        self._waiting += len(rows)
        if self._waiting >= IN_MEMORY:
            self._runs.append(self._set_aside())

    def end(self) -> list[Run]:
        """All runs."""
        return [*self._runs, Run(*self._parted())]

    def _parted(self) -> tuple[Positions, Rows]:
        rows = np.concatenate([NO_ROWS, *self._pieces])
        self._pieces, self._waiting = [], 0
        part = np.ascontiguousarray(rows["digest"]).view(np.uint8)[::16]
        edges = np.append(0, np.cumsum(np.bincount(part, minlength=PARTS)))
        return edges, rows.take(np.argsort(part, kind="stable"))

    def _set_aside(self) -> Run:
        edges, rows = self._parted()
        with suppress(OSError):  # without room for it memory has to do
            if self._file is None:
                with TemporaryFile(prefix="snakeval-journal-") as file:
                    self._file = Opened(file)
            start, left = self._end, memoryview(rows.tobytes())
            while left:
                written = os.pwrite(self._file.descriptor, left, self._end)
                left, self._end = left[written:], self._end + written
            return Run(edges, None, self._file, start)
        return Run(edges, rows)


def merged(runs: Sequence[Run], rank: NDArray[np.int32]) -> Iterator[tuple[Rows, Rows]]:
    """Yield the done and the failed rows of each part, sorted, one a digest.

    A row's file gets the number that `rank` has for it. Of several done rows with a digest the first by
    (file, offset) counts, of several failed ones the last, if none is done.
    """
    whole = sum(map(len, runs)) < MANY
    for pieces in zip(*(run.parts(whole) for run in runs), strict=True):
        rows = np.concatenate(pieces)
        rows["file"] = rank[rows["file"]]
        rows, alike = _sorted(rows)
        ok = rows["length"] > 0
        if not alike:  # as a rule
            yield (rows, NO_ROWS) if ok.all() else (rows[ok], rows[~ok])
            continue
        rows = rows.take(np.lexsort((rows["offset"], rows["file"], rows["digest"])))
        ok = rows["length"] > 0
        done, failed = _one_each(rows[ok], last=False), _one_each(rows[~ok], last=True)
        highs = _first_half(failed["digest"])
        yield done, failed[_find(done["digest"], highs, failed["digest"]) < 0]


def _sorted(rows: Rows) -> tuple[Rows, bool]:
    """Rows by the first half of their digests, and whether any two of those are alike."""
    highs = _first_half(rows["digest"])
    order = np.argsort(highs)
    highs = highs.take(order)
    return rows.take(order), bool((highs[1:] == highs[:-1]).any())


def _one_each(rows: Rows, last: bool) -> Rows:
    differs = rows["digest"][1:] != rows["digest"][:-1]
    ends = np.ones(min(1, len(rows)), bool)
    return rows if differs.all() else rows[np.concatenate((differs, ends) if last else (ends, differs))]


def _find(digests: NDArray[np.bytes_], highs: NDArray[np.uint64], keys: NDArray[np.bytes_]) -> Positions:
    """The position in `digests`, which are sorted, of each key, -1 for none; `highs` are the first halves."""
    if not len(digests):
        return np.full(len(keys), -1)
    digests = np.ascontiguousarray(digests)
    firsts = _first_half(digests)
    # As a rule first halves tell unequal digests apart.
    apart = not (firsts[1:] == firsts[:-1]).any()
    at = np.searchsorted(firsts, highs) if apart else np.searchsorted(digests, keys)
    np.minimum(at, len(digests) - 1, out=at)
    at[digests.take(at) != keys] = -1
    return at


def _edges(rows: Rows) -> Positions:
    return np.append(np.searchsorted(_first_half(rows["digest"]), _STARTS), len(rows)).astype(np.int64)


def _first_half(digests: NDArray[np.bytes_]) -> NDArray[np.uint64]:
    """The first 64 bits of digests: integers sort and are found in a third of the time."""
    return np.ascontiguousarray(digests).view(">u8")[::2].astype(np.uint64)
