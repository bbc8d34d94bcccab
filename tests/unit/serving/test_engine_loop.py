"""When an engine is started again: after it has served, and when the port of its ranks was taken."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from snakeval.serving.allocation import AllocationError
from snakeval.serving.engine_loop import run_engine
from snakeval.serving.launches import Launch
from snakeval.serving.server import EngineServer
from unit.serving.fake_engine import launch

BUSY = "zmq.error.ZMQError: Address already in use (addr='tcp://10.0.0.1:4321')"
TAKEN = "DistNetworkError: The server socket has failed to bind. port: 4321, code: -98, name: EADDRINUSE"


class Owner:
    """Wants the engine until it has answered once."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.starts = 0
        self.urls: list[str] = []

    def stopping(self) -> bool:
        return bool(self.urls)

    def starting(self, number: int) -> None:
        self.starts = number

    def ready(self, server: EngineServer, url: str) -> None:
        self.urls.append(url)

    def pause(self) -> None:
        time.sleep(0.05)

    def say(self, message: str) -> None:
        self.said.append(message)


def ends_with(words: str) -> Launch:
    """An engine that says this and ends."""
    return Launch((sys.executable, "-c", f"import sys; sys.exit({words!r})"))


def run(tmp_path: Path, launches: list[Callable[[], Launch]], restarts: int = 2) -> tuple[Owner, str | None]:
    owner, left = Owner(), iter(launches)
    error = run_engine(
        owner,
        lambda: next(left)(),
        lambda made: EngineServer(made, "the-model", tmp_path / "log", grace=0.3),
        20,
        restarts,
    )
    return owner, error


@pytest.mark.parametrize("words", [BUSY, TAKEN])
def test_a_port_that_was_taken_meanwhile(tmp_path: Path, words: str) -> None:
    owner, error = run(tmp_path, [lambda: ends_with(words), launch])
    assert error is None
    assert (owner.starts, len(owner.urls)) == (2, 1)
    assert words in "\n".join(owner.said)


def test_ports_that_are_always_taken(tmp_path: Path) -> None:
    owner, error = run(tmp_path, [lambda: ends_with(BUSY)] * 9)
    assert error is not None
    assert BUSY in error
    assert owner.starts == 3


def test_what_would_fail_again_is_not_tried_again(tmp_path: Path) -> None:
    owner, error = run(tmp_path, [lambda: ends_with("CUDA out of memory")] * 9)
    assert error is not None
    assert "CUDA out of memory" in error
    assert owner.starts == 1


def test_no_allocation(tmp_path: Path) -> None:
    def refused() -> Launch:
        raise AllocationError("2 nodes are needed")

    owner, error = run(tmp_path, [refused])
    assert error == "2 nodes are needed"
    assert owner.starts == 1
