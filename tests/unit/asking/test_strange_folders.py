"""A job whose journal's folder holds what nobody of ours has put there, or rows in another file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from snakeval.asking.ask import Limits
from snakeval.asking.pace import note_finished, read_paces
from snakeval.asking.rows import complete, rows_of
from snakeval.asking.shards import Shard
from snakeval.dag.finished import NAME
from snakeval.system.files import link
from snakeval.system.tables import read_rows, write_rows
from snakeval.types import Generation
from unit.asking.fake_server import FakeServer
from unit.asking.test_ask import FixedHandle, good, requests

KINDS: dict[str, Callable[[Path], None]] = {
    "fifo": os.mkfifo,
    "folder": Path.mkdir,
    "loop": lambda path: path.symlink_to(path.name),
}
NAMES = [".compact", "index", "lease-1", "retries", "pace", "finished.parquet", "1.jsonl", "lease-7"]
NAMES += ["shards/0-of-2/lease-2", "shards/x"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NAMES)
def test_a_job_comes_to_its_end_whatever_lies_there(name: str, kind: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    KINDS[kind](path)
    with FakeServer(good).running() as server:
        for shard in (Shard(0, 1), Shard(0, 2)):
            handle = FixedHandle(server.base_url)
            index = complete(requests(2), tmp_path, handle, Limits(lease_timeout=5), shard)
            assert [row.text for row in rows_of(requests(2), index)] == ["4", "4"]
    note_finished(tmp_path, 3)
    assert len(read_paces(tmp_path)) == (0 if name == "pace" else 2)


def finished_rows() -> list[Generation]:
    """The rows of five requests: three samples, an error, and one that was cut off by its server."""
    made = []
    for at, request in enumerate(requests(5)):
        row = request.failed("transient: HTTP 500")
        if at != 3:
            values = {name: getattr(row, name) for name in Generation.__dataclass_fields__}
            reason = "abort" if at == 4 else "stop"
            row = Generation(**{**values, "error": None, "text": f"from afar {at}", "finish_reason": reason})
        made.append(row)
    return made


def test_without_its_journal_the_finished_file_gives_the_rows(tmp_path: Path) -> None:
    output, journal = tmp_path / "x.parquet", tmp_path / "j"
    write_rows(output, Generation, finished_rows())
    link(output, journal / NAME)
    output.unlink()  # as Snakemake does
    with FakeServer(good).running() as server:
        index = complete(requests(6), journal, FixedHandle(server.base_url), Limits())
        rows = list(rows_of(requests(6), index))
    texts = [f"from afar {n}" for n in range(3)] + ["4"] * 3
    assert [row.text for row in rows] == texts
    assert sorted(body["seed"] for body in server.bodies) == [3, 4, 5]
    assert not (journal / NAME).exists()


@pytest.mark.parametrize("content", [b"", b"PAR1", b"\0" * 1000, b"cut"])
def test_a_finished_file_that_is_damaged_gives_none(
    content: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    output, journal = tmp_path / "x.parquet", tmp_path / "j"
    write_rows(output, Generation, finished_rows())
    if content == b"cut":
        content = output.read_bytes()[:-100]
    output.write_bytes(content)
    link(output, journal / NAME)
    with FakeServer(good).running() as server:
        index = complete(requests(2), journal, FixedHandle(server.base_url), Limits())
    assert len(index) == 2
    assert f"{journal / NAME}: damaged or empty" in caplog.text
    with pytest.raises(ValueError, match="damaged or empty"):
        list(read_rows(output, Generation))
