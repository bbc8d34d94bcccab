from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from snakeval.system.worker_handles import Patience
from snakeval.system.workers import LARGEST_CHUNK, Failure, Pool, WorkersFailed

TESTS = Path(__file__).parents[2]
GIB = 1024**3


def alive(pid: int) -> bool:
    """Whether a process exists and is more than a zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def gone_within(pids: list[int], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while any(map(alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not any(map(alive, pids))


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_results_come_in_the_order_of_the_tasks(workers: int) -> None:
    tasks = [-20 if number % 37 == 0 else number for number in range(500)]
    with Pool("unit.system.worker_tasks:double", workers, 10) as pool:
        assert list(pool.map(tasks)) == [2 * task for task in tasks]
        assert list(pool.map([])) == []
        assert list(pool.map(iter([4, 5]))) == [8, 10]


def test_workers_are_forks_of_one_warm_template() -> None:
    with Pool("unit.system.worker_tasks:process_and_template", 2, 10) as pool:
        seen = list(pool.map(range(200)))
    templates = {tuple(warm) for _, warm in seen}
    assert len(templates) == 1
    assert len(next(iter(templates))) == 1
    assert next(iter(templates))[0] not in {pid for pid, _ in seen}


def test_tasks_are_read_a_bounded_way_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("snakeval.system.workers.MOST_WAITING", 500)
    read = 0

    def endless() -> Iterator[int]:
        nonlocal read
        for number in itertools.count():
            read = number + 1
            yield -1000 if number == 2000 else number

    with Pool("unit.system.worker_tasks:double", 2, 10) as pool:
        results = pool.map(endless())
        for taken in range(5000):
            assert read - taken <= 500 + 3 * LARGEST_CHUNK
            next(results)
        results.close()  # type: ignore[attr-defined]
        assert list(pool.map([1, 2])) == [2, 4]


@pytest.mark.parametrize("how", ["spin", "sleep", "deaf", "compute in C"])
def test_a_task_over_the_limit_is_killed_and_the_others_are_not(how: str) -> None:
    tasks = [f"task {number}" for number in range(300)]
    tasks[7] = tasks[150] = how
    with Pool("unit.system.worker_tasks:misbehave", 2, 0.5) as pool:
        list(pool.map(["start"]))
        results = list(pool.map(tasks))
    timed_out = Failure("timed_out", "over the limit of 0.5 s")
    assert results == [timed_out if task == how else task for task in tasks]


def test_tasks_just_under_the_limit_in_one_chunk_pass() -> None:
    with Pool("unit.system.worker_tasks:double", 1, 2) as pool:
        list(pool.map(range(2000)))  # so that the next chunk holds all of them
        assert list(pool.map([-800] * 4)) == [-1600] * 4


def test_a_task_that_gets_no_cpu_is_not_over_its_limit() -> None:
    """What else the machine does is no property of an answer: only a task's own CPU time counts."""
    with Pool("unit.system.worker_tasks:stop_for_a_while", 1, 0.2) as pool:
        assert list(pool.map([0.4, 0.0])) == [0.4, 0.0]


def test_a_consumer_that_pauses_times_nothing_out() -> None:
    with Pool("unit.system.worker_tasks:double", 2, 1) as pool:
        results = pool.map([-20] * 40)
        first = next(results)
        time.sleep(2.5)
        assert [first, *results] == [-40] * 40


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("exit", Failure("crashed", "exit code 3")),
        ("sys.exit", Failure("crashed", "exit code 1")),
        ("segfault", Failure("crashed", "killed by SIGSEGV")),
        ("raise", Failure("raised", "KeyError: 'no such thing'")),
        ("allocate", Failure("raised", "MemoryError: ")),
    ],
)
def test_a_task_that_fails_is_named_and_the_others_are_not_lost(how: str, expected: Failure) -> None:
    tasks = [how if number in (0, 50, 51, 199) else f"task {number}" for number in range(200)]
    with Pool("unit.system.worker_tasks:misbehave", 2, 20, memory_limit=2 * GIB) as pool:
        results = list(pool.map(tasks))
    assert results == [expected if task == how else task for task in tasks]


@pytest.mark.parametrize(("how", "name"), [("recurse", "RecursionError"), ("unpicklable", "Error")])
def test_python_errors_become_results(how: str, name: str) -> None:
    with Pool("unit.system.worker_tasks:misbehave", 1, 20) as pool:
        before, failure, after = pool.map(["a", how, "b"])
    assert (before, after) == ("a", "b")
    assert isinstance(failure, Failure)
    assert failure.cause == "raised"
    assert name in failure.detail.partition(":")[0]


def test_workers_that_die_idle_cost_no_task() -> None:
    with Pool("unit.system.worker_tasks:process_and_template", 2, 10) as pool:
        for pid in {pid for pid, _ in pool.map(range(100))}:
            os.kill(pid, signal.SIGKILL)
            assert gone_within([pid], 60)
        assert all(isinstance(result, tuple) for result in pool.map(range(100)))


def test_a_target_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(WorkersFailed, match="ended with exit code 1"):
        Pool("unit.system.worker_tasks:nothing_there", 1, 10)


def test_a_template_that_is_gone_is_an_error_and_not_a_hang() -> None:
    with Pool("unit.system.worker_tasks:process_and_template", 2, 10) as pool:
        (_, (template,)), *_ = pool.map(range(3))
        os.kill(template, signal.SIGKILL)
        assert gone_within([template], 60)
        with pytest.raises(WorkersFailed):
            list(pool.map(range(1000)))


# What is seen of a template every 30 s, (CPU seconds, state), and whether that is waited for to the end.
SEEN: dict[str, tuple[list[tuple[float, str]], bool]] = {
    "imports on a busy machine": ([(0.1 * number, "R") for number in range(100)], True),
    "waits for a processor": ([(0.5, "R")] * 100, True),
    "waits for a slow disk": ([(0.5, "D")] * 100, True),
    "works now and then": ([(number // 3, "S") for number in range(100)], True),
    "has stopped": ([(0.5, "S")] * 100, False),
    "is held by a debugger": ([(0.5, "t")] * 100, False),
    "works for ever": ([(30.0 * number, "R") for number in range(100)], False),
    "is no process": ([(0.0, "?")] * 100, False),
    "ran for long before": ([(1000 + number, "S") for number in range(100)], True),
}


@pytest.mark.parametrize("name", SEEN)
def test_a_template_is_waited_for_as_long_as_it_works(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looks, waited = SEEN[name]
    left, clock = iter(looks), itertools.count(step=30)
    monkeypatch.setattr(Patience, "_look", lambda _: next(left))
    monkeypatch.setattr("snakeval.system.worker_handles.time.monotonic", lambda: float(next(clock)))
    patience = Patience(1)
    assert any(patience.over() for _ in looks[1:]) != waited


def test_a_template_that_hangs_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("snakeval.system.worker_handles.PATIENCE", 0.5)
    monkeypatch.setattr("snakeval.system.worker_handles.LOOK_SECONDS", 0.1)
    with pytest.raises(WorkersFailed, match="has done nothing"):
        Pool("unit.system.hanging_task:never", 1, 10)


def test_no_process_is_left_after_the_pool() -> None:
    with Pool("unit.system.worker_tasks:process_and_template", 3, 10) as pool:
        seen = list(pool.map(range(300)))
    assert gone_within([pid for pid, _ in seen] + seen[0][1], 60)


def test_no_process_is_left_after_an_error_in_the_tasks() -> None:
    def broken() -> Iterator[int]:
        yield from range(50)
        raise ValueError("broken input")

    with Pool("unit.system.worker_tasks:process_and_template", 2, 10) as pool:
        seen = list(pool.map(range(50)))
        with pytest.raises(ValueError, match="broken input"):
            list(pool.map(broken()))  # perhaps before the first result: input is read ahead
    assert gone_within([pid for pid, _ in seen] + seen[0][1], 60)


PARENT = """
import sys
from snakeval.system.worker_handles import Patience
from snakeval.system.workers import Pool
with Pool("unit.system.worker_tasks:process_and_template", 2, 600) as pool:
    seen = list(pool.map(range(300)))
    print(*sorted({seen[0][1][0], *(pid for pid, _ in seen)}), flush=True)
    with Pool("unit.system.worker_tasks:misbehave", 2, 600) as hanging:
        list(hanging.map(["deaf", "spin"]))
"""


def children(pid: int) -> list[int]:
    """All descendants of a process."""
    found = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return found + [descendant for child in found for descendant in children(child)]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_no_process_outlives_a_killed_parent(how: signal.Signals) -> None:
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True, env=environment
    ) as parent:
        assert parent.stdout
        assert parent.stdout.readline().split()
        while len(left := children(parent.pid)) < 6:
            assert parent.poll() is None
            time.sleep(0.05)
        time.sleep(0.3)  # so that both hanging tasks run
        assert len(left) == 6
        parent.send_signal(how)
        parent.wait(60)
    assert gone_within(left, 60)
