"""What a consumer concludes from a service's file; the rest is in test_service.py."""

from __future__ import annotations

import dataclasses
import os
import re
from pathlib import Path

import pytest

from snakeval.endpoints import ServerGone
from snakeval.service import Record, write_record
from snakeval.service_client import ServiceHandle


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
        ({"host": "elsewhere"}, "runs on elsewhere, this is"),
        ({"state": "failed", "error": "out of memory"}, "out of memory"),
    ],
)
def test_gone(file: Path, changes: dict[str, object], expected: str | None) -> None:
    write_record(file, dataclasses.replace(me(), **changes))  # type: ignore[arg-type]
    reason = ServiceHandle(file).gone()
    if expected is None:
        assert reason is None
    else:
        assert reason is not None
        assert re.search(expected, reason)


@pytest.mark.parametrize("content", [None, "", "{}", '{"state": "ready"}', "[]"])
def test_no_such_service(file: Path, content: str | None) -> None:
    file.parent.mkdir()
    if content is not None:
        file.write_text(content)
    assert "the service has ended" in (ServiceHandle(file).gone() or "")
    with pytest.raises(ServerGone):
        ServiceHandle(file).demand()
