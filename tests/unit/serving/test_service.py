"""The service's owner and its consumers: demand, restart, failure, and every way to end."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from snakeval.asking.endpoints import Endpoint, ServerGone
from snakeval.asking.service import ServiceHandle
from snakeval.serving.service import DEMAND, own_file, read_record, write_record
from snakeval.system import processes
from unit.asking.test_service import me
from unit.serving.fake_engine import processes_with, wait_until

TESTS = Path(__file__).parents[2]
OWNER = """
import sys
from pathlib import Path
from unit.serving.fake_engine import launch
from snakeval.serving.service import run_service
file, log, *options = sys.argv[1:]
sys.exit(run_service(Path(file), Path(log), lambda: launch(*options), "the-model", 20, restarts=1))
"""
Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def mark(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """Every process of a test carries this in its environment."""
    value = uuid.uuid4().hex
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # an owner that is killed leaves its control folder there
    monkeypatch.setenv("TEST_MARK", value)
    return value


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "services" / "model.json"


@pytest.fixture
def start(mark: str, tmp_path: Path, file: Path) -> Iterator[Start]:
    """Starts a service with a fake engine and waits for its file; nothing of it may be left running."""
    owners = []

    def start(*options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", OWNER, str(file), str(tmp_path / "log"), *options]
        owners.append(subprocess.Popen(command, cwd=TESTS))
        wait_until(file.exists)
        return owners[-1]

    yield start
    for owner in owners:
        owner.terminate()
        owner.wait(10)
    wait_until(lambda: set(processes_with(mark)) <= {os.getpid()})


def ready(file: Path) -> Endpoint:
    handle = ServiceHandle(file)
    handle.demand()
    return asyncio.run(handle.wait_ready(20))


def answers(endpoint: Endpoint) -> bool:
    headers = {"Authorization": f"Bearer {endpoint.api_key}"}
    request = urllib.request.Request(f"{endpoint.base_urls[0]}/models", headers=headers)
    with urllib.request.urlopen(request, timeout=5) as response:
        return bool(json.load(response)["data"][0]["id"] == endpoint.served_model_name)


def engine(mark: str) -> int:
    """The engine's leader."""
    commands = processes_with(mark).items()
    return next(pid for pid, command in commands if "fake_engine.py" in command and "guardian" not in command)


def test_without_demand_no_engine_is_started(start: Start, file: Path, mark: str, tmp_path: Path) -> None:
    owner = start()
    time.sleep(0.5)
    record = read_record(file)
    assert (record.state, record.pid, record.engine_starts) == ("waiting", owner.pid, 0)
    assert (record.api_key, record.base_urls, record.error) == (None, (), None)
    assert file.stat().st_mode & 0o777 == 0o600
    assert set(processes_with(mark)) == {owner.pid}
    control = Path(record.control)
    assert control.stat().st_mode & 0o777 == 0o700
    owner.terminate()
    assert owner.wait(5) == 0
    assert not control.exists()
    assert not (tmp_path / "log").exists()


def test_demand_gets_an_engine_that_ends_with_its_owner(start: Start, file: Path, mark: str) -> None:
    owner = start("--worker", "--daemon")
    endpoint = ready(file)
    assert answers(endpoint)
    assert endpoint.served_model_name == "the-model"
    assert ServiceHandle(file).gone() is None
    assert file.stat().st_mode & 0o777 == 0o600
    assert endpoint.api_key is not None
    assert not any(endpoint.api_key in command for command in processes_with(mark).values())
    owner.terminate()
    assert owner.wait(10) == 0
    assert processes_with(mark) == {}
    assert list(file.parent.iterdir()) == [file]  # no temporary file is left beside it


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_end_it_while_the_engine_loads(start: Start, file: Path, mark: str, number: int) -> None:
    owner = start("--never-listen")
    ServiceHandle(file).demand()
    wait_until(lambda: len(processes_with(mark)) == 3)
    owner.send_signal(number)
    assert owner.wait(5) == 0
    assert processes_with(mark) == {}


def test_an_engine_that_dies_is_started_again_and_then_given_up(start: Start, file: Path, mark: str) -> None:
    owner = start()
    first = ready(file)
    record = read_record(file)
    assert record.engine_pid == engine(mark)
    os.kill(record.engine_pid, signal.SIGKILL)
    wait_until(lambda: not processes.alive(record.engine_pid, record.engine_start))
    second = ready(file)  # the owner need not have noticed yet
    assert read_record(file).engine_starts == 2
    assert second.api_key != first.api_key
    assert answers(second)
    os.kill(engine(mark), signal.SIGKILL)
    wait_until(lambda: read_record(file).state == "failed")
    reason = ServiceHandle(file).gone()
    assert reason is not None
    assert "ended while it served (exit code 137)" in reason
    with pytest.raises(ServerGone, match="exit code 137"):
        ready(file)
    assert set(processes_with(mark)) == {owner.pid}
    owner.terminate()
    assert owner.wait(5) == 1


def test_an_engine_that_never_came_up_is_not_tried_again(start: Start, file: Path, mark: str) -> None:
    owner = start("--exit", "3")
    with pytest.raises(ServerGone, match=r"ended before it was ready \(exit code 3\)(.|\n)*line 99"):
        ready(file)
    wait_until(lambda: read_record(file).state == "failed")  # its own record is written first
    record = read_record(file)
    assert (record.state, record.engine_starts, record.api_key) == ("failed", 1, None)
    assert owner.poll() is None  # consumers can still read why
    assert set(processes_with(mark)) == {owner.pid}


def test_kill_9_of_the_owner_takes_the_engine_along(start: Start, file: Path, mark: str) -> None:
    owner = start("--worker", "--daemon")
    ready(file)
    owner.kill()
    owner.wait()
    wait_until(lambda: processes_with(mark) == {})
    with pytest.raises(ServerGone, match=r"process \d+\) was killed; its log is .*log"):
        asyncio.run(ServiceHandle(file).wait_ready(5))


def test_it_ends_when_the_workflow_is_killed(file: Path, tmp_path: Path, mark: str) -> None:
    command = shlex.join([sys.executable, "-c", OWNER, str(file), str(tmp_path / "log")])
    workflow = subprocess.Popen(["sh", "-c", f"{command} & wait"], cwd=TESTS)
    wait_until(file.exists)
    Path(read_record(file).control, DEMAND).touch()
    wait_until(lambda: read_record(file).state == "ready", 20)
    workflow.kill()
    workflow.wait()
    wait_until(lambda: processes_with(mark) == {}, 10)


def test_a_workflow_that_was_killed_before_its_service_could_look(
    mark: str, file: Path, tmp_path: Path
) -> None:
    """The service begins as an orphan: whoever adopted it is not the workflow."""
    workflow = subprocess.Popen(["sleep", "60"])
    introduced = processes.process(workflow.pid)
    assert introduced is not None
    workflow.kill()
    workflow.wait()
    owner = subprocess.run(
        [sys.executable, "-c", OWNER, str(file), str(tmp_path / "log")],
        cwd=TESTS,
        env={**os.environ, processes.STARTED_BY: f"{introduced.pid} {introduced.start}"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert owner.returncode != 0
    assert "the process that started this one is gone" in owner.stderr
    assert not file.exists()
    assert processes_with(mark) == {}


def test_two_workflows_share_the_name_of_the_file_and_nothing_else(
    start: Start, file: Path, tmp_path: Path
) -> None:
    """What becomes of the jobs of a run whose Snakemake was killed, and of the next run's."""
    command = shlex.join([sys.executable, "-c", OWNER, str(file), str(tmp_path / "log")])
    other = subprocess.Popen(["sh", "-c", f"{command} & wait"], cwd=TESTS)
    wait_until(file.exists)
    theirs = read_record(file)
    start()
    wait_until(lambda: read_record(file).pid != theirs.pid)
    mine = ready(file)
    file.unlink()  # as the other's Snakemake does at its end
    wait_until(file.exists)
    write_record(file, theirs)
    assert ready(file) == mine
    assert not Path(theirs.control, DEMAND).exists()
    other.kill()
    other.wait()


def test_what_a_killed_service_leaves_is_removed_by_the_next(start: Start, file: Path) -> None:
    gone = processes.Process(2**22, b"S", 1, 1, 1)
    write_record(own_file(file, gone.pid, gone.start), dataclasses.replace(me(), pid_start=1))
    start()
    assert not own_file(file, gone.pid, gone.start).exists()


def test_a_consumer_waits_only_so_long(start: Start, file: Path) -> None:
    start()
    with pytest.raises(ServerGone, match=r"not ready within 0\.3 s"):
        asyncio.run(ServiceHandle(file).wait_ready(0.3))


@pytest.mark.parametrize(
    ("spec", "expected"),
    [("{}", "served_model_name, model is missing"), ("/nowhere/spec.json", "No such file")],
)
def test_a_bad_spec_ends_it_at_once(tmp_path: Path, file: Path, spec: str, expected: str) -> None:
    log = tmp_path / "logs" / "serve.log"
    command = [
        sys.executable,
        "-m",
        "snakeval.serving.service",
        "--file",
        str(file),
        "--log",
        str(log),
        "--spec",
        spec,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 1
    assert expected in done.stderr
    assert expected in log.read_text()
    assert not file.exists()


def test_it_imports_little() -> None:
    code = "import sys, snakeval.serving.service; print(' '.join(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert {"pandas", "pyarrow", "pydantic", "numpy", "aiohttp", "asyncio"}.isdisjoint(loaded)
