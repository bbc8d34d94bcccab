"""Run a function on many inputs in worker processes that can be killed.

Each task has a hard wall limit. Nothing in the worker enforces it, so nothing there can evade it: the
parent kills the process with SIGKILL and has it replaced; tasks it had not begun go to another. Workers
are forks of one template process (`snakeval.worker_process`) that has imported the function's module and
warmed it up, so a replacement is ready within milliseconds. No process outlives the parent.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from multiprocessing.connection import Pipe, wait
from types import TracebackType
from typing import Any, Literal

from snakeval.worker_process import FORK, MARK, NOT_BEGUN, REPLY, REQUEST, STOP, Raised

CHUNK_SECONDS = 0.05
FIRST_CHUNK, LARGEST_CHUNK = 4, 256
MOST_FRUITLESS = 3
PATIENCE = 120.0  # seconds that the template may take for its imports, or to fork


@dataclass(frozen=True, slots=True)
class Failure:
    """In place of a result. `raised`: the function raised; `crashed`: its process died by itself."""

    cause: Literal["timed_out", "crashed", "raised"]
    detail: str


class WorkersFailed(RuntimeError):
    """The template process could not start, or is gone."""


Tasks = deque[tuple[int, Any]]  # each task with its number
Results = list[tuple[int, Any]]


class _Worker:
    """One worker process as the parent sees it: its channel, the tasks it has, its mark."""

    def __init__(self, template: _Template) -> None:
        self.channel, theirs = Pipe()
        with tempfile.TemporaryFile() as file, theirs:
            file.write(bytes(MARK.size))
            file.flush()
            self.mark = mmap.mmap(file.fileno(), MARK.size)
            self.pid = template.fork([theirs.fileno(), file.fileno()])
        self.tasks: Tasks = deque()
        self.sent_at = 0.0
        self._received = 0

    def send(self, tasks: Tasks) -> None:
        """Give an idle worker its next tasks. It is waiting for them, so this does not block for long."""
        self.tasks, self._received, self.sent_at = tasks, 0, time.monotonic()
        MARK.pack_into(self.mark, 0, NOT_BEGUN, self.sent_at)
        self.channel.send_bytes(pickle.dumps([task for _, task in tasks]))

    def receive(self, results: Results) -> bool:
        """Add the results that have arrived, if any. EOFError or OSError: the process died."""
        before = self._received
        while self.tasks and self.channel.poll():
            for result in pickle.loads(self.channel.recv_bytes()):
                results.append((self.tasks.popleft()[0], result))
                self._received += 1
        return self._received > before

    def running(self) -> tuple[int | None, float]:
        """Which of `tasks` runs, None before the first, and since when (monotonic seconds)."""
        position, since = MARK.unpack_from(self.mark)
        return (None if position == NOT_BEGUN else position - self._received), since

    def pace(self) -> float:
        """Seconds a task took, over what has arrived since `send`."""
        return (time.monotonic() - self.sent_at) / max(self._received, 1)

    def close(self) -> None:
        """Give up the channel, at whose end a worker that waits for tasks ends."""
        self.channel.close()
        self.mark.close()


class _Template:
    """The process that forks and ends the workers."""

    def __init__(self, target: str, memory_limit: int) -> None:
        self._control, theirs = socket.socketpair()
        self._control.settimeout(PATIENCE)
        command = [sys.executable, "-P", "-m", "snakeval.worker_process", str(theirs.fileno()), target]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        with theirs:
            self._process = subprocess.Popen(
                [*command, str(memory_limit)],
                pass_fds=[theirs.fileno()],
                env=environment,
                stdin=subprocess.DEVNULL,
            )

    def fork(self, descriptors: list[int]) -> int:
        """Fork a worker that gets these descriptors; its process id."""
        return self._ask(FORK, 0, descriptors)

    def stop(self, pid: int) -> str:
        """Kill a worker, unless it is dead already, and say how it ended."""
        code = os.waitstatus_to_exitcode(self._ask(STOP, pid, []))
        return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    def _ask(self, request: bytes, pid: int, descriptors: list[int]) -> int:
        try:
            socket.send_fds(self._control, [REQUEST.pack(request, pid)], descriptors)
            reply = self._control.recv(REPLY.size, socket.MSG_WAITALL)
        except OSError as error:
            raise WorkersFailed(f"the template of the worker processes does not answer: {error}") from error
        if not reply:
            code = self._process.wait(PATIENCE)
            raise WorkersFailed(f"the template of the worker processes ended with exit code {code}")
        return int(REPLY.unpack(reply)[0])

    def close(self) -> None:
        self._control.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Pool:
    """Worker processes that run one function; a context manager, after which none of them is left.

    `target` names the function as "module:function". A function `warm_up` of the same module, where there
    is one, is called once before the first task. `timeout` is the wall limit of one task in seconds,
    `memory_limit` that of a worker's address space in bytes (0: none).
    """

    def __init__(self, target: str, workers: int, timeout: float, *, memory_limit: int = 0) -> None:
        self._timeout = timeout
        self._template = _Template(target, memory_limit)
        self._workers: list[_Worker] = []
        self._pace = CHUNK_SECONDS / FIRST_CHUNK
        self._fruitless = 0
        try:
            self._workers = [_Worker(self._template) for _ in range(max(workers, 1))]
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

        Tasks are read only when a worker is free for them. Results that wait for an earlier, slow task are
        kept. One `map` at a time; another may follow. Raises WorkersFailed where workers can't be had.
        """
        source: Iterator[tuple[int, Any]] = enumerate(tasks)
        again: Tasks = deque()
        ready: dict[int, Any] = {}
        due = 0
        try:
            while True:
                self._feed(source, again)
                busy = [worker for worker in self._workers if worker.tasks]
                if not busy:
                    return
                for number, result in self._collect(busy, again):
                    ready[number] = Failure("raised", result.detail) if isinstance(result, Raised) else result
                self._feed(source, again)
                while due in ready:
                    yield ready.pop(due)
                    due += 1
        finally:
            for worker in [worker for worker in self._workers if worker.tasks]:
                with contextlib.suppress(WorkersFailed):
                    self._template.stop(worker.pid)
                    self._renew(worker)

    def _feed(self, source: Iterator[tuple[int, Any]], again: Tasks) -> None:
        """Give each idle worker as many tasks as take about CHUNK_SECONDS."""
        for worker in [worker for worker in self._workers if not worker.tasks]:
            size = min(max(int(CHUNK_SECONDS / self._pace), 1), LARGEST_CHUNK)
            tasks = deque(again.popleft() for _ in range(min(size, len(again))))
            tasks.extend(islice(source, size - len(tasks)))
            if not tasks:
                return
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it died; `_collect` sees that
                worker.send(tasks)

    def _collect(self, busy: list[_Worker], again: Tasks) -> Results:
        """Wait for results or for the next time limit, and end what is over it."""
        deadline = min(worker.running()[1] for worker in busy) + self._timeout
        wait([worker.channel for worker in busy], max(deadline - time.monotonic(), 0))
        results: Results = []
        for worker in busy:
            try:
                if worker.receive(results):
                    self._pace = max((self._pace + worker.pace()) / 2, 1e-6)
            except (EOFError, OSError):
                results += self._bury(worker, again, expired=False)
                continue
            if worker.tasks and time.monotonic() - worker.running()[1] > self._timeout:
                results += self._bury(worker, again, expired=True)
        return results

    def _bury(self, worker: _Worker, again: Tasks, *, expired: bool) -> Results:
        """Replace a worker that died, or that must; what it sent, and the failure of the task it was at."""
        how = self._template.stop(worker.pid)
        stopped_at = time.monotonic()
        results: Results = []
        with contextlib.suppress(EOFError, OSError):
            worker.receive(results)
        position, since = worker.running()
        if worker.tasks and position is not None and not (expired and stopped_at - since <= self._timeout):
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

    def _renew(self, worker: _Worker) -> None:
        worker.close()
        self._workers[self._workers.index(worker)] = _Worker(self._template)
