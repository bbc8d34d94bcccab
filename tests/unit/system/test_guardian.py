"""The guardian on its own: exit codes, the owner's end, and what is left of the command."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from snakeval.system import processes
from unit.serving.fake_engine import ORPHAN, SLEEPER, processes_with, wait_until

CHILD = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEPER!r}]);"
DAEMON = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {ORPHAN!r}, {SLEEPER!r}]);"
READY = "print('ready', file=sys.stderr, flush=True);"
Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts guardians; what they guard carries the temporary folder's name in its environment."""
    started = []

    def start(code: str, grace: float = 0.3) -> subprocess.Popen[bytes]:
        command = [
            sys.executable,
            "-m",
            "snakeval.system.guardian",
            "--grace",
            str(grace),
            "--",
            sys.executable,
            "-c",
            code,
        ]
        with (tmp_path / "log").open("ab") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                env={**os.environ, "TEST_MARK": str(tmp_path)},
            )
        started.append(process)
        return process

    yield start
    for process in started:
        with process:  # closes its pipes, which ends it, and waits
            pass
    assert processes_with(str(tmp_path)) == {}


def until_ready(tmp_path: Path) -> None:
    wait_until(lambda: "ready" in (tmp_path / "log").read_text())


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("pass", 0),
        ("raise SystemExit(7)", 7),
        ("import os; os.kill(os.getpid(), 9)", 137),
        ("import os; os.kill(os.getpid(), 15)", 143),
    ],
)
def test_exit_code(start: Start, code: str, expected: int) -> None:
    assert start(code).wait(10) == expected


def test_a_command_that_is_not_there() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "snakeval.system.guardian", "--", "/nowhere/engine"],
        stdin=subprocess.PIPE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 127
    assert "can't start /nowhere/engine" in done.stderr
    assert done.stdout == ""


def test_it_announces_the_leader_of_a_new_session(start: Start) -> None:
    guardian = start("import time; time.sleep(600)")
    assert guardian.stdout is not None
    leader = json.loads(guardian.stdout.readline())
    found = processes.process(leader["pid"])
    assert found is not None
    assert (found.parent, found.session, found.start) == (guardian.pid, leader["pid"], leader["start"])


@pytest.mark.parametrize("how", ["owner", signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_stopping_gives_the_command_time_to_end(start: Start, tmp_path: Path, how: str | int) -> None:
    polite = "import signal, sys, time; signal.signal(15, lambda *_: sys.exit(5));"
    guardian = start(f"{polite}{READY} time.sleep(600)", grace=10)
    until_ready(tmp_path)
    if isinstance(how, int):
        guardian.send_signal(how)
    else:
        assert guardian.stdin is not None
        guardian.stdin.close()
    assert guardian.wait(60) == 5


def test_the_grace_ends(start: Start, tmp_path: Path) -> None:
    guardian = start(f"import signal, sys, time; signal.signal(15, signal.SIG_IGN); {READY} time.sleep(600)")
    until_ready(tmp_path)
    began = time.monotonic()
    assert guardian.stdin is not None
    guardian.stdin.close()
    assert guardian.wait(60) == 137
    assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize("left", [CHILD, DAEMON, CHILD + DAEMON])
def test_nothing_outlives_the_leader(start: Start, tmp_path: Path, left: str) -> None:
    guardian = start(f"{left} raise SystemExit(3)")
    assert guardian.wait(10) == 3
    assert processes_with(str(tmp_path)) == {}
