"""Running again when a checkpoint appears: once for each, never at the same time, and an end on Ctrl-C."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from project import Project, new_project
from snakeval.config import ConfigError
from snakeval.config.errors import ConfigProblem
from snakeval.watch import Checkpoints, NothingToWatchError, look, watch
from unit.config.example_project import write_project

PATTERN = ("--config", "models=folders/run/step*", "arenas=")
A, B, C, A_ANEW = ("a", "1"), ("b", "1"), ("c", "1"), ("a", "2")


def runs(looks: Sequence[Sequence[tuple[str, str]] | ConfigError], codes: Sequence[int] = ()) -> list[int]:
    """At which look each run began (0: at the start), where look after look shows these checkpoints."""
    began: list[int] = []
    number = -1
    exit_codes = iter(codes)

    def see() -> Checkpoints:
        nonlocal number
        number += 1
        shown = looks[number]
        if isinstance(shown, ConfigError):
            raise shown
        return frozenset(shown)

    def run() -> int:
        began.append(number)
        return next(exit_codes, 0)

    watch(see, run, lambda: number + 1 == len(looks))
    return began


MISTAKE = ConfigError([ConfigProblem("config/config.yaml", "models[0]", "matches no folder")])
WATCHED: dict[str, tuple[list[list[tuple[str, str]] | ConfigError], list[int]]] = {
    "nothing new": ([[A], [A], [A], [A]], [0]),
    "one that appears is run when it was seen twice": ([[A], [A, B], [A, B], [A, B], [A, B]], [0, 2]),
    "one that is still changing waits": ([[A], [A, ("b", "0")], [A, B], [A, B], [A, B]], [0, 3]),
    "one that comes and goes": ([[A], [A, B], [A], [A]], [0]),
    "one that is written anew": ([[A], [A_ANEW], [A_ANEW], [A_ANEW]], [0, 2]),
    "one that is removed": ([[A, B], [A], [A]], [0]),
    "none yet": ([MISTAKE, MISTAKE, [A], [A], [A]], [3]),
    "two at once are one run": ([[A], [A, B, C], [A, B, C], [A, B, C]], [0, 2]),
}


@pytest.mark.parametrize("case", WATCHED)
def test_when_it_runs(case: str) -> None:
    looks, expected = WATCHED[case]
    assert runs(looks) == expected


def test_a_failed_run_is_not_repeated_until_something_is_new() -> None:
    assert runs([[A], [A], [A], [A, B], [A, B], [A, B]], codes=[1, 1]) == [0, 4]


def test_what_is_seen_is_what_the_arguments_configure(tmp_path: Path) -> None:
    root = write_project(tmp_path)
    (root / "folders/run/step11").mkdir()
    found = look(PATTERN, root)
    assert {path for path, _ in found} == {"folders/run/step9", "folders/run/step10"}
    (root / "folders/run/step9/config.json").write_text("{} ")
    changed = look(PATTERN, root)
    assert {path for path, _ in changed - found} == {"folders/run/step9"}
    with pytest.raises(NothingToWatchError, match="checkpoints/run1/step"):
        look((), root)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = new_project(tmp_path / "project")
    shutil.copytree(made.folder / "demo/models/late", made.folder / "folders/run/step1")
    yield made
    assert made.processes() == {}


def start(project: Project, log: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """The watch as the Makefile starts it, with dry runs for runs."""
    command = [sys.executable, "-m", "snakeval.watch", "--interval", "0.3", "-n", "--quiet", "progress"]
    with log.open("wb") as file:
        return subprocess.Popen(
            [*command, *arguments],
            cwd=project.folder,
            env=project.environment(),
            stdout=file,
            stderr=subprocess.STDOUT,
        )


def wait_for(log: Path, text: str, count: int = 1) -> None:
    deadline = time.monotonic() + 60
    while log.read_text().count(text) < count:
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


def test_a_checkpoint_appears_and_ctrl_c_ends_it(project: Project, tmp_path: Path) -> None:
    log = tmp_path / "watch.log"
    process = start(project, log, *PATTERN, "benchmarks=demo-arithmetic")
    wait_for(log, "ended with exit code 0")
    shutil.copytree(project.folder / "demo/models/late", project.folder / "folders/run/step2")
    wait_for(log, "ended with exit code 0", 2)
    assert "new: folders/run/step2\n" in log.read_text()
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 130
    assert log.read_text().count("ended with exit code 0") == 2
    assert log.read_text().rstrip().endswith("stopped")
    assert "Traceback" not in log.read_text()


def test_ctrl_c_during_a_run_ends_both(project: Project, tmp_path: Path) -> None:
    log = tmp_path / "watch.log"
    process = start(project, log, *PATTERN)
    wait_for(log, "running ")
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130
    assert log.read_text().count("running ") == 1


def test_nothing_to_watch_is_said_before_anything_runs(project: Project, tmp_path: Path) -> None:
    log = tmp_path / "watch.log"
    assert start(project, log).wait(60) == 2
    assert "nothing to watch" in log.read_text()
    assert "running" not in log.read_text()
