"""What a consumer concludes from a service's file; the rest is in test_service.py."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import re
from pathlib import Path

import pytest

from snakeval.asking import service as service_client
from snakeval.asking.endpoints import ServerGone
from snakeval.asking.service import ServiceHandle
from snakeval.serving.service import DEMAND, Record, own_file, write_record
from snakeval.system.processes import process


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "services" / "model.json"


def me() -> Record:
    """A ready service whose owner is this test."""
    stat = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    host = os.uname().nodename
    return Record("ready", os.getpid(), int(stat[19]), host, "m", "/nowhere", "a.log", ("http://x/v1",), "k")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"pid_start": 1}, r"process \d+\) was killed; its log is a.log"),
        ({"state": "failed", "error": "out of memory"}, "out of memory"),
    ],
)
def test_gone(file: Path, changes: dict[str, object], expected: str | None) -> None:
    write_record(own(file), dataclasses.replace(me(), **changes))  # type: ignore[arg-type]
    reason = ServiceHandle(file).gone()
    if expected is None:
        assert reason is None
    else:
        assert reason is not None
        assert re.search(expected, reason)


def own(file: Path) -> Path:
    """The copy that a service started by this test would write."""
    found = process(os.getpid())
    assert found is not None
    return own_file(file, found.pid, found.start)


def test_the_file_of_another_run_is_not_this_runs(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_record(file, me())
    handle = ServiceHandle(file)
    handle.demand()
    with pytest.raises(ServerGone, match="not ready"):
        asyncio.run(handle.wait_ready(0))
    monkeypatch.setattr(service_client, "PATIENCE_SECONDS", 0)
    assert "this run's service has ended, or never started" in (handle.gone() or "")


def test_the_demand_of_an_early_consumer_is_not_lost(file: Path, tmp_path: Path) -> None:
    handle = ServiceHandle(file)
    handle.demand()
    write_record(own(file), dataclasses.replace(me(), state="waiting", control=str(tmp_path)))
    with pytest.raises(ServerGone, match="not ready"):
        asyncio.run(handle.wait_ready(0))
    assert (tmp_path / DEMAND).exists()


@pytest.mark.parametrize("content", ["", "{}", '{"state": "ready"}', "[]"])
def test_no_such_service(file: Path, content: str) -> None:
    file.parent.mkdir()
    own(file).write_text(content)
    assert "the service has ended" in (ServiceHandle(file).gone() or "")
    with pytest.raises(ServerGone):
        ServiceHandle(file).demand()


def test_an_adapter_is_asked_for_by_its_own_name(file: Path) -> None:
    record = dataclasses.replace(me(), engine_pid=os.getpid(), engine_start=me().pid_start)
    write_record(own(file), record)
    assert asyncio.run(ServiceHandle(file).wait_ready(1)).served_model_name == "m"
    assert (
        asyncio.run(ServiceHandle(file, "m-lora-step-9").wait_ready(1)).served_model_name == "m-lora-step-9"
    )
