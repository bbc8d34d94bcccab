"""One benchmark's samples of one model, split by problem over several jobs, and gathered again.

All shards write to the journal of the whole, so another number of shards finds every row. Each shard has a
lease of its own; it also waits for jobs that make the same rows under another split.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

from snakeval.asking.note import SHARDS as FOLDER
from snakeval.asking.request import Request
from snakeval.journal.lease import lease, wait_for_holder
from snakeval.system.tables import read_rows
from snakeval.types import Generation

Item = TypeVar("Item")


class ShardError(ValueError):
    """A shard's file does not hold the rows that are wanted; the message names it."""


@dataclass(frozen=True, slots=True)
class Shard:
    """Part `index` of `count`: of every `count` problems in a row the one at this index."""

    index: int
    count: int

    def of(self, problems: Sequence[Item]) -> Sequence[Item]:
        """This shard's problems."""
        return problems[self.index :: self.count]

    def folder(self, journal: Path) -> Path:
        """Where its lease is, and the note of what its job is doing."""
        return journal if self.count == 1 else journal / FOLDER / f"{self.index}-of-{self.count}"

    @contextmanager
    def lease(self, journal: Path, timeout: float) -> Iterator[None]:
        """Hold this shard's lease, once nobody makes its rows under another split; see `journal.lease`."""
        siblings = [Shard(index, self.count).folder(journal) for index in range(self.count)]
        own = self.folder(journal)
        for other in _leases(journal):
            if other not in (own, *siblings):
                wait_for_holder(other, timeout)
        with lease(own, timeout):
            yield


WHOLE = Shard(0, 1)


def _leases(journal: Path) -> list[Path]:
    """Folders with the leases of every split there has been."""
    folder = journal / FOLDER
    splits = sorted(filter(Path.is_dir, folder.iterdir())) if folder.is_dir() else []
    return [journal, *splits] if journal.is_dir() else []


def gathered(requests: Sequence[Request], n_samples: int, shards: Sequence[Path]) -> Iterator[Generation]:
    """The rows of all shards in the order of the requests, `n_samples` a problem. Raises ShardError."""
    parts = [read_rows(path, Generation) for path in shards]
    for number in range(len(requests) // n_samples):
        path, rows = shards[number % len(shards)], islice(parts[number % len(shards)], n_samples)
        wanted = requests[number * n_samples : (number + 1) * n_samples]
        found = list(rows)
        if [row.digest for row in found] != [request.digest for request in wanted]:
            raise ShardError(
                f"{path}: not the samples of problem {wanted[0].problem_id} that are wanted; delete it"
            )
        yield from found
