"""Run a function on many inputs in worker processes that can be killed.

Each task has a hard limit of CPU time, so that no result depends on what else the machine does, and a wall
limit several times as long for one that only waits. Nothing in the worker enforces them, so nothing there
can evade them: the parent kills the process with SIGKILL and has it replaced; tasks it had not begun go to
another. Workers are forks of one template process (`system.worker_process`) that has imported the function's
module and warmed it up, so a replacement is ready within milliseconds. No process outlives the parent.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from multiprocessing.connection import wait
from types import TracebackType
from typing import Any, Literal

from snakeval.system.worker_handles import At, Results, Tasks, Template, Worker, WorkersFailed
from snakeval.system.worker_process import Raised

__all__ = ["Failure", "Pool", "WorkersFailed"]

CHUNK_SECONDS = 0.05
FIRST_CHUNK, LARGEST_CHUNK = 4, 256
MOST_WAITING = 20_000
MOST_FRUITLESS = 3


@dataclass(frozen=True, slots=True)
class Failure:
    """In place of a result. `raised`: the function raised; `crashed`: its process died by itself."""

    cause: Literal["timed_out", "crashed", "raised"]
    detail: str


class Pool:
    """Worker processes that run one function; a context manager, after which none of them is left.

    `target` names the function as "module:function". A function `warm_up` of the same module, where there
    is one, is called once before the first task. `timeout` is the limit of one task in CPU seconds (and in
    WAITS times as many of wall time), `memory_limit` that of a worker's address space in bytes (0: none).
    """

    def __init__(self, target: str, workers: int, timeout: float, *, memory_limit: int = 0) -> None:
        self._timeout = timeout
        self._template = Template(target, memory_limit)
        self._workers: list[Worker] = []
        self._pace = CHUNK_SECONDS / FIRST_CHUNK
        self._fruitless = 0
        try:
            self._workers = [Worker(self._template) for _ in range(max(workers, 1))]
        except BaseException:
            self._template.close()
            raise

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers:
            with contextlib.suppress(WorkersFailed):
                self._template.stop(worker.pid)
            worker.close()
        self._template.close()

    def map(self, tasks: Iterable[Any]) -> Iterator[Any]:
        """One result or Failure a task, in the order of the tasks, as they become known.

        Tasks are read only when a worker is free for them, and no further than MOST_WAITING results ahead of
        a slow one. One `map` at a time; another may follow. Raises WorkersFailed where workers can't be had.
        """
        source: Iterator[tuple[int, Any]] = enumerate(tasks)
        again: Tasks = deque()
        ready: dict[int, Any] = {}
        due = 0
        try:
            while True:
                self._feed(source, again, len(ready))
                busy = [worker for worker in self._workers if worker.tasks]
                if not busy:
                    return
                for number, result in self._collect(busy, again):
                    ready[number] = Failure("raised", result.detail) if isinstance(result, Raised) else result
                self._feed(source, again, len(ready))  # before the consumer takes its time
                while due in ready:
                    yield ready.pop(due)
                    due += 1
        finally:
            for worker in [worker for worker in self._workers if worker.tasks]:
                with contextlib.suppress(WorkersFailed):
                    self._template.stop(worker.pid)
                    self._renew(worker)

    def _feed(self, source: Iterator[tuple[int, Any]], again: Tasks, waiting: int) -> None:
        """Give each idle worker as many tasks as take about CHUNK_SECONDS."""
        for worker in [worker for worker in self._workers if not worker.tasks]:
            size = min(max(int(CHUNK_SECONDS / self._pace), 1), LARGEST_CHUNK)
            tasks = deque(again.popleft() for _ in range(min(size, len(again))))
            tasks.extend(islice(source, size - len(tasks) if waiting < MOST_WAITING else 0))
            if not tasks:
                return
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it died; `_collect` sees that
                worker.send(tasks)

    def _collect(self, busy: list[Worker], again: Tasks) -> Results:
        """Wait for results or for the next time limit, and end what is over it."""
        left = min(worker.left(worker.at(), self._timeout) for worker in busy)
        wait([worker.channel for worker in busy], max(left, 0.001))
        results: Results = []
        for worker in busy:
            try:
                if worker.receive(results):
                    self._pace = max((self._pace + worker.pace()) / 2, 1e-6)
            except (EOFError, OSError):
                results += self._bury(worker, again)
                continue
            at = worker.at()
            if worker.tasks and worker.left(at, self._timeout) < 0:
                results += self._bury(worker, again, expired=at)
        return results

    def _bury(self, worker: Worker, again: Tasks, expired: At | None = None) -> Results:
        """Replace a worker that died, or that must; what it sent, and the failure of the task it was at."""
        how = self._template.stop(worker.pid)
        results: Results = []
        with contextlib.suppress(EOFError, OSError):
            worker.receive(results)
        position = worker.running()
        ended_in_time = expired is not None and worker.at() != expired  # just before it was killed
        if worker.tasks and position is not None and not ended_in_time:
            number, _ = worker.tasks[position]
            del worker.tasks[position]
            limit = f"over the limit of {self._timeout:g} s"
            results.append((number, Failure("timed_out", limit) if expired else Failure("crashed", how)))
        again.extend(worker.tasks)
        self._fruitless = 0 if results else self._fruitless + 1
        if self._fruitless > MOST_FRUITLESS:
            raise WorkersFailed(f"worker processes end before they begin a task: {how}")
        self._renew(worker)
        return results

    def _renew(self, worker: Worker) -> None:
        worker.close()
        self._workers[self._workers.index(worker)] = Worker(self._template)
