"""The parent's side of one worker process, and of the template process that forks them."""

from __future__ import annotations

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
from multiprocessing.connection import Pipe
from typing import Any, NamedTuple

from snakeval.system import processes
from snakeval.system.worker_process import FORK, MARK, NOT_BEGUN, REPLY, REQUEST, STOP

WAITS = 6  # times its limit of CPU time that a task may take in all: one that only waits ends too
# Seconds of CPU time that the template may take for its imports, or to fork; and seconds that it may be idle.
# On a busy machine either takes longer by the clock.
PATIENCE = 120.0
LOOK_SECONDS = 1.0
WAITING = "RD"  # states of a process that would go on if it had a processor, or the disk


class WorkersFailed(RuntimeError):
    """The template process could not start, or is gone."""


Tasks = deque[tuple[int, Any]]  # each task with its number
Results = list[tuple[int, Any]]


class Patience:
    """Whether a process is at work, or stuck, by what /proc says of it from time to time."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._begun = self._used = self._look()[0]
        self._idle_since = time.monotonic()

    def over(self) -> bool:
        """Whether it has used up PATIENCE, or has neither done anything nor waited to for so long."""
        used, state = self._look()
        if used > self._used or state in WAITING:
            self._used, self._idle_since = used, time.monotonic()
        return used - self._begun > PATIENCE or time.monotonic() - self._idle_since > PATIENCE

    def _look(self) -> tuple[float, str]:
        """Seconds of CPU time, and the state; (0, "?") where there is no such process, or no /proc."""
        found = processes.process(self._pid)
        try:
            return (processes.cpu_seconds(self._pid), found.state.decode()) if found else (0.0, "?")
        except OSError:
            return 0.0, "?"


class Template:
    """The process that forks and ends the workers."""

    def __init__(self, target: str, memory_limit: int) -> None:
        self._control, theirs = socket.socketpair()
        self._control.settimeout(LOOK_SECONDS)
        self._interrupted = False
        program = "from snakeval.system.worker_process import main; main()"
        command = [sys.executable, "-P", "-c", program, str(theirs.fileno()), target]
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
        """Send a request and wait for its reply. One cut short, by Ctrl-C say, makes the next ones fail."""
        if self._interrupted:
            raise WorkersFailed("an exchange with the worker processes' template was interrupted")
        self._interrupted, reply = True, b""
        try:
            socket.send_fds(self._control, [REQUEST.pack(request, pid)], descriptors)
            reply = self._reply()
        except OSError:  # it has closed its end: as an empty reply
            pass
        if not reply:
            code = self._process.wait()
            raise WorkersFailed(f"the template of the worker processes ended with exit code {code}")
        self._interrupted = False
        return int(REPLY.unpack(reply)[0])

    def _reply(self) -> bytes:
        """The reply; waited for as long as the template is at work."""
        patience = Patience(self._process.pid)
        while True:
            try:
                return self._control.recv(REPLY.size, socket.MSG_WAITALL)
            except TimeoutError:
                if patience.over():
                    why = f"has done nothing, or nothing but work, for {PATIENCE:g} s"
                    raise WorkersFailed(f"the template of the worker processes {why}") from None

    def close(self) -> None:
        """End the template, at whose end the kernel ends what workers are left."""
        self._control.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class At(NamedTuple):
    """A worker's mark: position in its chunk; when the task began, in monotonic and its own CPU seconds."""

    position: int
    since: float
    cpu: float


class Worker:
    """One worker process as the parent sees it: its channel, the tasks it has, its mark."""

    def __init__(self, template: Template) -> None:
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
        MARK.pack_into(self.mark, 0, NOT_BEGUN, self.sent_at, self._cpu())
        self.channel.send_bytes(pickle.dumps([task for _, task in tasks]))

    def receive(self, results: Results) -> bool:
        """Add the results that have arrived, if any. EOFError or OSError: the process died."""
        before = self._received
        while self.tasks and self.channel.poll():
            for result in pickle.loads(self.channel.recv_bytes()):
                results.append((self.tasks.popleft()[0], result))
                self._received += 1
        return self._received > before

    def at(self) -> At:
        """What it runs."""
        return At(*MARK.unpack_from(self.mark))

    def running(self) -> int | None:
        """Which of `tasks` runs, None before the first."""
        position = self.at().position
        return None if position == NOT_BEGUN else position - self._received

    def left(self, at: At, timeout: float) -> float:
        """Seconds for which what ran just now is surely within its limit; negative when it is over."""
        waited = time.monotonic() - at.since
        return min(timeout - (self._cpu() - at.cpu), WAITS * timeout - waited)

    def _cpu(self) -> float:
        try:
            return processes.cpu_seconds(self.pid)
        except OSError:  # it died: its channel says so
            return 0.0

    def pace(self) -> float:
        """Seconds a task took, over what has arrived since `send`."""
        return (time.monotonic() - self.sent_at) / max(self._received, 1)

    def close(self) -> None:
        """Give up the channel, at whose end a worker that waits for tasks ends."""
        self.channel.close()
        self.mark.close()
