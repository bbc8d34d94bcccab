"""What /proc says of processes that the tests start."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from snakeval.system import processes
from unit.serving.fake_engine import wait_until

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(SLEEP, start_new_session=True, env={**os.environ, "MARK": "m-4711"}) as process:
        yield process
        process.kill()


def start(pid: int) -> int:
    found = processes.process(pid)
    assert found is not None
    return found.start


def test_a_process_is_alive_until_it_ends_even_unreaped(sleeper: subprocess.Popen[bytes]) -> None:
    born = start(sleeper.pid)
    assert processes.alive(sleeper.pid, born)
    sleeper.kill()
    wait_until(lambda: not processes.alive(sleeper.pid, born))
    assert processes.process(sleeper.pid) is not None  # the zombie


def test_an_id_used_again_is_not_the_same_process(sleeper: subprocess.Popen[bytes]) -> None:
    assert not processes.alive(sleeper.pid, start(sleeper.pid) + 1)
    assert processes.in_session(sleeper.pid, start(sleeper.pid) + 1) == set()


def test_relations(sleeper: subprocess.Popen[bytes]) -> None:
    assert processes.in_session(sleeper.pid, start(sleeper.pid)) == {sleeper.pid}
    assert sleeper.pid in processes.children(os.getpid())
    assert sleeper.pid in processes.descendants(os.getppid())
    assert processes.descendants(sleeper.pid) == set()
    assert processes.marked("MARK=m-4711") == {sleeper.pid}


@pytest.mark.parametrize("leader", [0, 1])
def test_what_was_never_started_has_no_session(leader: int) -> None:
    assert processes.in_session(leader, 0) == set()


def test_no_process() -> None:
    assert processes.process(2**22 + 1) is None
    assert not processes.alive(2**22 + 1, 0)


def test_kill_all(sleeper: subprocess.Popen[bytes]) -> None:
    found = start(sleeper.pid)
    assert processes.kill_all(lambda: processes.in_session(sleeper.pid, found))
    assert sleeper.wait(5) == -9


def test_kill_all_gives_up() -> None:
    assert not processes.kill_all(lambda: {2**22 + 1}, seconds=0.05)


@pytest.mark.parametrize(
    ("family", "bound", "shown"),
    [
        (socket.AF_INET, "127.0.0.1", "127.0.0.1"),
        (socket.AF_INET, "127.0.0.2", "127.0.0.2"),
        (socket.AF_INET, "0.0.0.0", "127.0.0.1"),
        (socket.AF_INET6, "::1", "::1"),
        (socket.AF_INET6, "::", "127.0.0.1"),
    ],
)
def test_listening(family: socket.AddressFamily, bound: str, shown: str) -> None:
    with socket.socket(family) as sock:
        try:
            sock.bind((bound, 0))
        except OSError:
            pytest.skip(f"this machine can't bind {bound}")
        port = sock.getsockname()[1]
        assert (shown, port) not in processes.listening([os.getpid()])  # bound, not listening
        sock.listen()
        assert (shown, port) in processes.listening([os.getpid()])
        assert (shown, port) not in processes.listening([os.getppid()])
