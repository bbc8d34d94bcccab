"""Engines whose command is a wrapper: the server below it is found, and nothing of it outlives its owner."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from snakeval.serving.launches import Launch
from snakeval.serving.server import EngineDied, EngineMismatch, EngineServer
from snakeval.system import processes
from unit.serving.fake_engine import launch, wait_until
from unit.serving.test_server import mark

__all__ = ["mark"]

WAITER = """
import json, signal, sys, time
from pathlib import Path
from snakeval.serving.launches import Launch
from snakeval.serving.server import EngineServer
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
command, env, name, log = json.loads(sys.argv[1])
with EngineServer(Launch(tuple(command), env), name, Path(log), grace=0.5) as server:
    print(server.wait_ready(60), flush=True)
    time.sleep(600)
"""


@contextmanager
def owned(started: Launch, name: str, folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """An engine that a process of its own has, with its URL once it is ready."""
    told = json.dumps([started.command, dict(started.env), name, str(folder / "log")])
    with subprocess.Popen(
        [sys.executable, "-c", WAITER, told], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as owner:
        assert owner.stdout is not None
        try:
            yield owner, owner.stdout.readline().strip()
        finally:
            owner.kill()


# Ways to start an engine without becoming it, or with another environment.
WRAPPERS = {
    "execs": 'exec "$@"',
    "waits": '"$@"; exit $?',
    "has a subshell": '( "$@" ); true',
    "wrapper of a wrapper": """/bin/bash -c '"$@"; exit $?' inner "$@"; exit $?""",
    "adds words": '"$@" --worker; exit $?',
    "another group": 'exec timeout 600 "$@"',
    "another session": 'setsid --wait "$@"; exit $?',
    "in a pipe": '"$@" | cat; exit $?',
    "empty environment": 'exec env -i VLLM_API_KEY="$VLLM_API_KEY" "$@"',
    "empty environment, and waits": 'env -i VLLM_API_KEY="$VLLM_API_KEY" "$@"; exit $?',
    "empty environment in another session": 'env -i VLLM_API_KEY="$VLLM_API_KEY" setsid --wait "$@"; exit $?',
}


def wrapped(script: str, launched: Launch, path: Path) -> Launch:
    """The launch through a wrapper that is this script of bash."""
    path.write_text(f"#!/bin/bash\n{script}\n")
    path.chmod(0o755)
    return Launch((str(path), *launched.command), {**launched.env, "PYTHONPATH": os.pathsep.join(sys.path)})


@pytest.mark.parametrize(
    ("name", "how"),
    [
        *((name, "owner killed") for name in WRAPPERS),
        ("waits", "stopped"),
        ("empty environment in another session", "stopped"),
        ("waits", "guardian killed"),
        ("empty environment, and waits", "guardian killed"),
    ],
)
def test_an_engine_below_a_wrapper(name: str, how: str, mark: str, tmp_path: Path) -> None:
    """It is found, and it ends with its owner, also where an empty environment took its mark."""
    word = f"the-model-{mark}"
    # Unless the guardian is killed too, what has left the engine's session ends as well.
    options = ("--name", word, "--silent-worker", *(() if how == "guardian killed" else ("--daemon",)))
    started = wrapped(WRAPPERS[name], launch(*options), tmp_path / "wrapper")
    with owned(started, word, tmp_path) as (owner, url):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/v1", url)
        below = processes.descendants(owner.pid)
        assert any(word in processes.command_line(pid) and processes.listening([pid]) for pid in below)
        if how == "guardian killed":
            os.kill(next(iter(processes.children(owner.pid))), signal.SIGKILL)
        owner.send_signal(signal.SIGKILL if how == "owner killed" else signal.SIGTERM)
        wait_until(lambda: not any(processes.process(pid) for pid in below))


def test_a_wrapper_that_keeps_the_key_from_the_engine(mark: str, tmp_path: Path) -> None:
    started = wrapped('exec env -i "$@"', launch("--any-key"), tmp_path / "wrapper")
    with (
        EngineServer(started, "the-model", tmp_path / "log") as engine,
        pytest.raises(EngineMismatch, match="was VLLM_API_KEY kept from it by what starts it"),
    ):
        engine.wait_ready(60)


def test_a_wrapper_that_ends_at_once_is_an_engine_that_died(mark: str, tmp_path: Path) -> None:
    started = wrapped('"$@" & exit 3', launch(), tmp_path / "wrapper")
    with (
        EngineServer(started, "the-model", tmp_path / "log") as engine,
        pytest.raises(EngineDied, match=r"ended before it was ready \(exit code 3\)"),
    ):
        engine.wait_ready(60)
