"""The engine's owner against engines that misbehave, and against kill -9 of everybody involved."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from snakeval.serving import server as module
from snakeval.serving.launches import Launch
from snakeval.serving.server import (
    EngineCancelled,
    EngineDied,
    EngineMismatch,
    EngineServer,
    EngineTimeout,
)
from snakeval.system import processes
from unit.serving.fake_engine import Models, launch, processes_with, wait_until

OWNER = """
import sys, time
from pathlib import Path
from unit.serving.fake_engine import launch
from snakeval.serving.server import EngineServer
with EngineServer(launch("--worker", "--daemon"), "the-model", Path(sys.argv[1]), grace=0.5) as server:
    print(server.wait_ready(10), flush=True)
    time.sleep(600)
"""


@pytest.fixture
def mark(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Every process of a test carries this in its environment; none may outlive the test."""
    value = uuid.uuid4().hex
    monkeypatch.setenv("TEST_MARK", value)
    yield value
    left = {pid: command for pid, command in processes_with(value).items() if pid != os.getpid()}
    processes.kill_all(lambda: set(left) & set(processes_with(value)))
    assert left == {}


@pytest.fixture
def server(mark: str, tmp_path: Path) -> Iterator[Callable[..., EngineServer]]:
    """Makes a server for a fake engine with these options."""
    made = []

    def make(*options: str, **env: str) -> EngineServer:
        made.append(
            EngineServer(launch(*options, **env), "the-model", tmp_path / "log" / "engine.log", grace=0.3)
        )
        return made[-1]

    yield make
    for each in made:
        each.stop()


def status(base_url: str, key: str) -> int:
    request = urllib.request.Request(f"{base_url}/models", headers={"Authorization": f"Bearer {key}"})
    try:
        with urllib.request.urlopen(request, timeout=5) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_ready_means_our_key_and_no_other(server: Callable[..., EngineServer], mark: str) -> None:
    with server("--worker") as engine:
        url = engine.wait_ready(10)
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/v1", url)
        assert (status(url, engine.api_key), status(url, "wrong")) == (200, 401)
        assert engine.alive()
        assert len(processes_with(mark)) == 3  # guardian, leader, worker
    assert not engine.alive()
    assert processes_with(mark) == {}


def test_sockets_of_the_workers_are_left_alone(
    server: Callable[..., EngineServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PROBE_SECONDS", 600.0)  # what a silent one would be waited for
    with server("--silent-worker") as engine:
        engine.wait_ready(120)


def test_each_server_has_its_own_key(server: Callable[..., EngineServer]) -> None:
    keys = {server().api_key for _ in range(3)}
    assert len(keys) == 3
    assert min(map(len, keys)) >= 32


def test_the_key_is_on_no_command_line_and_in_no_log(
    server: Callable[..., EngineServer], mark: str, tmp_path: Path
) -> None:
    with server("--worker") as engine:
        engine.wait_ready(10)
        commands = processes_with(mark)
        assert commands
        assert not any(engine.api_key in command for command in commands.values())
    assert engine.api_key not in (tmp_path / "log/engine.log").read_text()


def test_an_engine_that_dies_while_loading_is_named_quickly(
    server: Callable[..., EngineServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTHER_API_KEY", "inherited-secret")
    started = time.monotonic()
    with server("--exit", "3", HF_TOKEN="hf_secret_token") as engine, pytest.raises(EngineDied) as caught:
        engine.wait_ready(60)
    assert time.monotonic() - started < 60
    message = str(caught.value)
    assert "ended before it was ready (exit code 3)" in message
    assert "engine.log" in message
    assert "line 99\nsecrets: *** ***" in message
    assert "line 71" in message
    assert "line 70" not in message
    assert engine.api_key not in message


def test_an_exit_code_of_zero_is_a_death_too(server: Callable[..., EngineServer]) -> None:
    with server("--exit", "0") as engine, pytest.raises(EngineDied, match=r"exit code 0"):
        engine.wait_ready(60)


def test_the_message_shows_only_this_start(server: Callable[..., EngineServer], tmp_path: Path) -> None:
    log = tmp_path / "log" / "engine.log"
    log.parent.mkdir()
    log.write_text("an earlier start\n")
    with server("--never-listen") as engine, pytest.raises(EngineTimeout) as caught:
        engine.wait_ready(0.5)
    assert str(caught.value).endswith("engine.log:\nloading")
    assert "was not ready within 0.5 s" in str(caught.value)
    assert log.read_text() == "an earlier start\nloading\n"


def test_a_program_that_is_not_there(mark: str, tmp_path: Path) -> None:
    engine = EngineServer(Launch(("/nowhere/vllm", "serve")), "the-model", tmp_path / "log")
    with pytest.raises(EngineDied, match=r"could not be started \(exit code 127\)(.|\n)*No such file"):
        engine.start()


def test_loading_can_be_cancelled(server: Callable[..., EngineServer]) -> None:
    with server("--never-listen") as engine, pytest.raises(EngineCancelled):
        engine.wait_ready(60, cancelled=lambda: True)


@pytest.fixture
def foreign() -> Iterator[int]:
    """The port of somebody else's server, which shows the same model to anybody."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Models) as somebody:
        thread = threading.Thread(target=somebody.serve_forever)
        thread.start()
        yield somebody.server_port
        somebody.shutdown()
        thread.join()


def test_a_foreign_server_on_the_port_is_never_taken_for_ours(
    server: Callable[..., EngineServer], foreign: int
) -> None:
    assert status(f"http://127.0.0.1:{foreign}/v1", "anything") == 200
    with server("--port", str(foreign)) as engine, pytest.raises(EngineDied, match="Address already in use"):
        engine.wait_ready(20)
    with server("--port", str(foreign), "--never-listen") as engine, pytest.raises(EngineTimeout):
        engine.wait_ready(1)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--name", "another"), r"serves \['another'\] instead of 'the-model'"),
        (("--any-key",), "answers 200 instead of 401 to a wrong API key"),
    ],
)
def test_an_engine_that_is_not_as_launched(
    server: Callable[..., EngineServer], options: tuple[str, ...], expected: str
) -> None:
    with server(*options) as engine, pytest.raises(EngineMismatch, match=expected):
        engine.wait_ready(20)


@pytest.mark.parametrize(
    "options",
    [(), ("--ignore-sigterm",), ("--worker",), ("--daemon",), ("--ignore-sigterm", "--worker", "--daemon")],
)
def test_stop_leaves_nothing(
    server: Callable[..., EngineServer], mark: str, options: tuple[str, ...]
) -> None:
    with server(*options) as engine:
        engine.wait_ready(20)
        started = time.monotonic()
    assert time.monotonic() - started < 60
    assert processes_with(mark) == {}


def victim(engine: EngineServer, name: str) -> int:
    """The process id of the guardian, the engine's leader or its worker."""
    if name == "guardian":
        return engine._engine.guardian
    leader, _ = engine.leader
    return leader if name == "leader" else next(iter(processes.children(leader)))


@pytest.mark.parametrize("killed", ["guardian", "leader", "worker"])
def test_kill_9_of_one_leaves_nothing(server: Callable[..., EngineServer], mark: str, killed: str) -> None:
    with server("--die-without-worker", "--daemon") as engine:
        engine.wait_ready(20)
        session = engine.leader
        os.kill(victim(engine, killed), signal.SIGKILL)
        wait_until(lambda: not engine.alive())
        message = engine.died()
        assert processes_with(mark) == {}
        assert processes.in_session(*session) == set()
    expected = {"guardian": "its guardian was killed", "leader": "exit code 137", "worker": "exit code"}
    assert expected[killed] in message


def test_kill_9_of_the_owner_leaves_nothing(mark: str, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path / "log")],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
    ) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline().startswith(b"http")
        assert len(processes_with(mark)) == 5  # owner, guardian, leader, worker, daemon
        owner.kill()
    wait_until(lambda: processes_with(mark) == {}, 5)
