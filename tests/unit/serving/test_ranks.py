"""An engine with ranks on other nodes: ready when all are there, and gone as a whole, whoever is killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from snakeval.serving.launches import Launch
from snakeval.serving.server import EngineDied, EngineServer, EngineTimeout
from snakeval.serving.several_nodes import Others
from snakeval.system import processes
from unit.serving import fake_slurm
from unit.serving.fake_engine import launch, processes_with, wait_until

TESTS = Path(__file__).parents[2]
SLEEP = (sys.executable, "-c", "import time; time.sleep(600)", "a-rank")
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"
OWNER = """
import sys, time
from pathlib import Path
from unit.serving.test_ranks import SLEEP, several
from snakeval.serving.server import EngineServer
with EngineServer(several(SLEEP, SLEEP), "the-model", Path(sys.argv[1]), grace=0.5) as server:
    print(server.wait_ready(20), flush=True)
    time.sleep(600)
"""


def several(*commands: tuple[str, ...], address: str = "127.0.0.1") -> Launch:
    """The fake engine here, and a command on each of the other nodes."""
    one = launch()
    hosts = tuple(f"n{number + 2}" for number in range(len(commands)))
    return Launch(one.command, {"MORE": "x"}, others=Others(address, hosts, commands))


@pytest.fixture(autouse=True)
def mark(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """Every process of a test carries this; none may outlive the test."""
    value = uuid.uuid4().hex
    path = fake_slurm.install(tmp_path / "bin", ["n1", "n2", "n3"])
    monkeypatch.setenv("PATH", f"{path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    monkeypatch.setenv("SLURM_MEM_PER_CPU", "1000")
    monkeypatch.setenv("TEST_MARK", value)
    yield value
    left = {pid: command for pid, command in processes_with(value).items() if pid != os.getpid()}
    processes.kill_all(lambda: set(left) & set(processes_with(value)))
    assert left == {}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Callable[..., EngineServer]]:
    """Makes a server whose ranks run these commands."""
    made = []

    def make(*commands: tuple[str, ...]) -> EngineServer:
        made.append(EngineServer(several(*commands), "the-model", tmp_path / "engine.log", grace=0.5))
        return made[-1]

    yield make
    for each in made:
        each.stop()


def ranks(mark: str) -> set[int]:
    """The processes of the engine's other ranks."""
    return {
        pid for pid, line in processes_with(mark).items() if line.startswith(f"{SLEEP[0]} -c import time")
    }


def owners(mark: str) -> list[int]:
    """The processes that own those, one a rank."""
    return sorted(
        pid
        for pid, line in processes_with(mark).items()
        if line.endswith("-P -m snakeval.serving.rank ") and "guardian" not in line and "srun" not in line
    )


def test_ready_when_every_rank_is_there(
    server: Callable[..., EngineServer], mark: str, tmp_path: Path
) -> None:
    with server(SLEEP, SLEEP) as engine:
        engine.wait_ready(20)
        assert len(ranks(mark)) == 2
        assert engine.alive()
        for pid in ranks(mark):
            variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            assert b"MORE=x" in variables
            assert b"VLLM_HOST_IP=127.0.0.1" in variables
            assert not any(engine.api_key.encode() in variable for variable in variables)
            assert not any(variable.startswith(b"SLURM_MEM") for variable in variables)
    assert processes_with(mark) == {}
    asked = (tmp_path / "bin/srun.log").read_text()
    assert "--jobid=7 --nodes=2 --ntasks=2 --nodelist=n2,n3 " in asked
    assert "--overlap" in asked


def test_not_ready_before_the_last_rank(server: Callable[..., EngineServer]) -> None:
    missing = ("/nowhere/vllm", "serve")
    with server(SLEEP, missing) as engine, pytest.raises(EngineDied, match=r"rank 2 on .* exit code 127"):
        engine.wait_ready(20)


def test_a_rank_that_never_registers(server: Callable[..., EngineServer], tmp_path: Path) -> None:
    (tmp_path / "bin/srun").write_text("#!/bin/sh\nexec sleep 600\n")
    with server(SLEEP) as engine, pytest.raises(EngineTimeout, match=r"the ranks on n2, 1 had not started"):
        engine.wait_ready(1.5)


def test_without_srun(
    server: Callable[..., EngineServer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(EngineDied, match="no srun"):
        server(SLEEP).start()


@pytest.mark.parametrize("victim", ["engine", "owner"])
def test_a_rank_that_dies_ends_the_engine(
    server: Callable[..., EngineServer], mark: str, victim: str
) -> None:
    with server(SLEEP, SLEEP) as engine:
        engine.wait_ready(20)
        os.kill(min(ranks(mark)) if victim == "engine" else owners(mark)[0], signal.SIGKILL)
        wait_until(lambda: not engine.alive())
        said = engine.died()
    expected = "ended with exit code 137" if victim == "engine" else "the connection to rank"
    assert expected in said
    assert processes_with(mark) == {}


def test_ranks_that_ignore_sigterm_are_killed(server: Callable[..., EngineServer], mark: str) -> None:
    with server((sys.executable, "-c", STUBBORN)) as engine:
        engine.wait_ready(20)
        began = time.monotonic()
    assert time.monotonic() - began < 120
    assert processes_with(mark) == {}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_the_owner(mark: str, tmp_path: Path, number: int) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path / "log")], cwd=TESTS, stdout=subprocess.PIPE
    )
    assert owner.stdout is not None
    with owner.stdout as said:
        assert said.readline()
    assert len(ranks(mark)) == 2
    owner.send_signal(number)
    owner.wait()
    wait_until(lambda: processes_with(mark) == {}, 15)


def test_ranks_end_with_the_connection_alone(mark: str) -> None:
    """On a real cluster srun's death does not end what it started: the connection does."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        task = {
            "address": "127.0.0.1",
            "port": listener.getsockname()[1],
            "word": "w",
            "commands": [SLEEP],
            "env": {},
            "grace": 0.5,
        }
        variables = {**os.environ, "SNAKEVAL_RANKS": json.dumps(task), "SLURM_PROCID": "0"}
        rank = subprocess.Popen(
            [sys.executable, "-m", "snakeval.serving.rank"], env=variables, stdout=subprocess.PIPE
        )
        connection, _ = listener.accept()
        with connection, connection.makefile() as said:
            message = json.loads(said.readline())
            assert (message["word"], message["rank"], message["state"]) == ("w", 1, "started")
            assert len(ranks(mark)) == 1
    with rank:
        assert rank.wait(10) == 0
    assert ranks(mark) == set()


def test_a_stranger_is_no_rank(server: Callable[..., EngineServer], tmp_path: Path) -> None:
    (tmp_path / "bin/srun").write_text("#!/bin/sh\nexec sleep 600\n")
    with server(SLEEP) as engine:
        assert engine._ranks is not None
        where = engine._ranks._listener.getsockname()
        with socket.create_connection(where) as stranger:
            message = {"word": "guessed", "rank": 1, "host": "n2", "state": "started"}
            stranger.sendall(json.dumps(message).encode() + b"\nnonsense\n")
            time.sleep(0.2)
            assert engine.alive()
            assert not engine._ranks.complete()
