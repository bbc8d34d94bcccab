"""Shards: which problems, in which order they are gathered, whom a shard waits for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from snakeval.asking.request import Request
from snakeval.asking.shards import WHOLE, Shard, ShardError, gathered
from snakeval.journal import holder as lease_holder
from snakeval.journal.lease import LeaseError
from snakeval.system.tables import write_rows
from snakeval.types import Generation
from unit.journal import lease_jobs


@pytest.fixture(autouse=True)
def short_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease_holder, "POLL_SECONDS", 0.01)
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)


def request(problem: int, sample: int) -> Request:
    return Request(f"p{problem}", sample, f"{problem:016x}{sample:016x}", (), 0, {})


def row(asked: Request) -> Generation:
    values = (asked.problem_id, asked.sample_index, asked.digest, (), 0, "4", None, "stop", 1, 1, 0.5)
    return Generation(*values, error=None)


def test_every_problem_is_in_one_shard() -> None:
    problems = list(range(11))
    for count in (1, 2, 3, 11, 20):
        parts = [list(Shard(index, count).of(problems)) for index in range(count)]
        assert sorted(problem for part in parts for problem in part) == problems
        assert max(map(len, parts)) - min(map(len, parts)) <= 1


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_gathered_in_the_order_of_the_requests(count: int, tmp_path: Path) -> None:
    requests = [request(problem, sample) for problem in range(5) for sample in range(2)]
    files = [tmp_path / f"{index}.parquet" for index in range(count)]
    for index, file in enumerate(files):
        mine = Shard(index, count).of(range(5))
        write_rows(file, Generation, (row(request(p, sample)) for p in mine for sample in range(2)))
    assert list(gathered(requests, 2, files)) == [row(each) for each in requests]


def test_rows_of_other_requests_are_refused(tmp_path: Path) -> None:
    requests = [request(problem, 0) for problem in range(2)]
    files = [tmp_path / "0.parquet", tmp_path / "1.parquet"]
    write_rows(files[0], Generation, [row(requests[0])])
    write_rows(files[1], Generation, [replace(row(requests[1]), digest="0" * 32)])
    with pytest.raises(ShardError, match=r"1\.parquet: not the samples of problem p1"):
        list(gathered(requests, 1, files))
    write_rows(files[1], Generation, [])
    with pytest.raises(ShardError, match=r"1\.parquet"):
        list(gathered(requests, 1, files))


@pytest.mark.parametrize(
    ("held", "shard", "waits"),
    [
        ("", WHOLE, True),
        ("", Shard(0, 2), True),
        ("shards/0-of-2", Shard(0, 2), True),
        ("shards/0-of-2", Shard(1, 2), False),
        ("shards/0-of-2", WHOLE, True),
        ("shards/0-of-2", Shard(1, 3), True),
    ],
)
def test_whom_a_shard_waits_for(held: str, shard: Shard, waits: bool, tmp_path: Path) -> None:
    (tmp_path / held).mkdir(parents=True, exist_ok=True)
    with lease_jobs.holding(tmp_path / held):
        if waits:
            with pytest.raises(LeaseError, match="held by"), shard.lease(tmp_path, 0.2):
                pass
        else:
            with shard.lease(tmp_path, 0.2):  # it would have been refused
                pass
    with shard.lease(tmp_path, 10):  # the holder is dead
        pass
