"""Leases among real processes: one holder at a time, the dead make way at once, the living are waited for."""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from snakeval.asking.ask import Limits
from snakeval.asking.rows import complete
from snakeval.journal import holder as lease_holder
from snakeval.journal import lease as module
from snakeval.journal.holder import Holder
from snakeval.journal.lease import LeaseError, lease
from snakeval.journal.writer import JournalWriter
from snakeval.system.interrupts import Interrupted
from unit.asking.fake_server import FakeServer, completion
from unit.asking.test_ask import FixedHandle, good, requests
from unit.journal import lease_jobs

# What a fake squeue does, and whether the job counts as alive.
SQUEUE = {
    "running": ("echo RUNNING", True),
    "suspended": ("echo SUSPENDED", True),
    "ending": ("echo COMPLETING", True),
    "to be started again": ("echo PENDING", False),
    "over": ("true", False),
    "forgotten": ("echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1", False),
    "no controller": ("echo 'slurm_load_jobs error: Unable to contact slurm controller' >&2; exit 1", True),
}


@pytest.fixture(autouse=True)
def short_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease_holder, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(module, "HEARTBEAT_SECONDS", 0.1)
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Path]:
    """The lease of a process that runs."""
    with lease_jobs.holding(tmp_path):
        yield tmp_path


def write_lease(folder: Path, holder: Holder, number: int = 1) -> Path:
    path = folder / f"lease-{number}"
    path.write_text(json.dumps(asdict(holder)))
    return path


def elsewhere(job: str | None = None) -> Holder:
    """Somebody on another machine."""
    return replace(Holder.me(), host="elsewhere", machine="elsewhere_00000000", job=job)


def is_waited_for(folder: Path, seconds: float = 0.3) -> bool:
    try:
        with lease(folder, seconds):
            return False
    except LeaseError:
        return True


def test_one_holder_at_a_time(tmp_path: Path) -> None:
    contenders = [lease_jobs.start(tmp_path, "contend", "20") for _ in range(5)]
    for process in contenders:
        process.communicate(timeout=60)
    assert [process.returncode for process in contenders] == [0] * 5
    assert len((tmp_path / "taken").read_text()) == 100
    left = [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]
    assert left == []
    assert len(list(tmp_path.glob("lease-*"))) <= module.KEPT + 5


def test_without_hard_links_there_is_one_holder_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    with lease(tmp_path, 1):
        assert is_waited_for(tmp_path)
        assert not module._create(tmp_path / "lease-1", Holder.me())
    assert not is_waited_for(tmp_path)


def test_a_living_holder_is_waited_for_until_it_has_finished(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(lease_holder, "LOG_EVERY_SECONDS", 0.2)
    with lease_jobs.holding(tmp_path) as process:
        assert process.stdin is not None
        threading.Timer(1.0, process.stdin.close).start()
        started = time.monotonic()
        with lease(tmp_path, 60):
            assert 0.9 < time.monotonic() - started < 60
    waits = [line for line in caplog.messages if f"process {process.pid} on " in line]
    assert len(waits) >= 3, "a wait must not be silent"
    assert caplog.messages[-1] == "the other job has finished"


def test_a_killed_holder_makes_way_at_once_to_one_contender(tmp_path: Path) -> None:
    with lease_jobs.holding(tmp_path) as process:
        contenders = [lease_jobs.start(tmp_path, "contend", "5") for _ in range(4)]
        time.sleep(0.5)
        assert not (tmp_path / "taken").exists()
        process.kill()
        process.wait()
        for contender in contenders:
            contender.communicate(timeout=60)
    assert [contender.returncode for contender in contenders] == [0] * 4


def test_a_process_id_used_again_is_not_the_holder(tmp_path: Path) -> None:
    write_lease(tmp_path, replace(Holder.me(), start=1))
    assert not is_waited_for(tmp_path)


def test_a_signal_ends_the_wait(held: Path) -> None:
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGTERM)).start()
    with pytest.raises(Interrupted, match="stopped by SIGTERM while waiting"), lease(held, 60):
        pytest.fail("the lease was held")
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


@pytest.mark.parametrize("case", SQUEUE)
def test_slurm_says_whether_a_holder_elsewhere_lives(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script, alive = SQUEUE[case]
    squeue = tmp_path / "bin" / "squeue"
    squeue.parent.mkdir()
    squeue.write_text(f'#!/bin/sh\necho "$*" >> {tmp_path}/asked\n{script}\n')
    squeue.chmod(0o755)
    monkeypatch.setenv("PATH", str(squeue.parent), prepend=os.pathsep)
    folder = tmp_path / "journal"
    folder.mkdir()
    write_lease(folder, elsewhere("4711"))
    assert is_waited_for(folder) == alive
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked == ["--noheader --jobs 4711 --format %T"], "once for many looks at the lease"


def test_an_earlier_start_of_the_same_job_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURM_JOB_ID", "4711")
    write_lease(tmp_path, elsewhere("4711"))
    assert not is_waited_for(tmp_path)


def test_a_holder_elsewhere_without_slurm_lives_while_it_touches_its_lease(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease_holder, "SILENT_SECONDS", 0.4)
    path = write_lease(tmp_path, elsewhere())
    over = threading.Event()
    heart = threading.Thread(target=module._beat, args=(path, over, threading.Event()))
    heart.start()
    assert is_waited_for(tmp_path, 2)
    over.set()
    heart.join()
    started = time.monotonic()
    assert not is_waited_for(tmp_path, 60)
    assert 0.3 < time.monotonic() - started < 60


def test_a_clock_that_is_wrong_does_not_matter(tmp_path: Path) -> None:
    os.utime(write_lease(tmp_path, elsewhere("12")), (1, 1))
    message = r"lease-1: held by Slurm job 12, process \d+ on elsewhere, .*lease_timeout"
    with pytest.raises(LeaseError, match=message), lease(tmp_path, 0.3):
        pytest.fail("the lease was held")


def test_a_running_job_whose_process_is_silent_has_lost_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease_holder, "SILENT_SECONDS", 0.2)
    monkeypatch.setattr(lease_holder, "job_state", lambda job: "RUNNING")
    write_lease(tmp_path, elsewhere("4711"))
    assert not is_waited_for(tmp_path, 60)
    monkeypatch.setattr(lease_holder, "job_state", lambda job: "SUSPENDED")
    write_lease(tmp_path, elsewhere("4712"), 9)
    assert is_waited_for(tmp_path, 1)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"host": "x"}'])
def test_a_lease_whose_writer_died_at_it_is_passed_over(
    content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease_holder, "SILENT_SECONDS", 0.2)
    (tmp_path / "lease-3").write_text(content)
    with lease(tmp_path, 60):
        assert (tmp_path / "lease-4").exists()


def test_who_acts_on_what_it_read_long_ago_gets_nothing(held: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A listing from a cache says that number 0 counts, when 1 does and its number is free again."""
    (held / "lease-1").rename(held / "lease-2")
    listings = iter([0])  # next(..., None) is None from the second listing on
    real = module._highest
    monkeypatch.setattr(module, "_highest", lambda folder: next(listings, None) or real(folder))
    assert is_waited_for(held)


def test_a_holder_that_was_taken_for_dead_waits_for_the_other(tmp_path: Path) -> None:
    """It is interrupted, does not fail, and asks for what the other one leaves."""

    async def slow(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        await asyncio.sleep(60 if number >= 2 and not over.is_set() else 0)
        return completion()

    def take_over() -> None:
        other = write_lease(tmp_path, replace(Holder.me(), since="later"), 2)
        with JournalWriter(tmp_path) as writer:
            append_sample(writer, requests(4)[2].digest)
        time.sleep(1)
        over.set()
        other.write_text(json.dumps(asdict(replace(Holder.me(), finished=True))))

    over = threading.Event()
    timer = threading.Timer(1, take_over)
    timer.start()
    with FakeServer(slow).running() as server:
        index = complete(requests(4), tmp_path, FixedHandle(server.base_url), Limits(concurrency=4))
    timer.join()
    assert len(index) == 4
    assert sorted(body["seed"] for body in server.bodies) == [0, 1, 2, 3, 3]


def test_a_folder_that_can_not_be_written_is_a_named_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LeaseError, match="cannot take the lease"), lease(tmp_path / "file" / "journal", 1):
        pytest.fail("the lease was held")


def test_while_another_job_asks_no_engine_is_wanted(held: Path) -> None:
    handle = FixedHandle("http://127.0.0.1:9/v1")
    with pytest.raises(LeaseError):
        complete(requests(3), held, handle, Limits(lease_timeout=0.3))
    assert handle.demands == 0


def test_what_a_killed_holder_left_is_not_asked_for_again(tmp_path: Path) -> None:
    with FakeServer(good).running() as server, lease_jobs.holding(tmp_path) as process:
        handle = FixedHandle(server.base_url)
        threading.Timer(1.0, process.kill).start()
        with JournalWriter(tmp_path) as writer:  # the holder's rows, written while the other waits
            late = threading.Timer(0.5, append_sample, (writer, requests(3)[0].digest))
            late.start()
            index = complete(requests(3), tmp_path, handle, Limits())
            late.join()
    assert len(index) == 3
    assert sorted(body["seed"] for body in server.bodies) == [1, 2]


def append_sample(writer: JournalWriter, digest: str) -> None:
    writer.append({"text": "4"}, digest, True)
    writer.flush()
