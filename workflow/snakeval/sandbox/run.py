"""Run one job to its end: what it wrote, how it ended, what it used."""

from __future__ import annotations

import contextlib
import os
import selectors
import time

from snakeval.sandbox.commands import limited
from snakeval.sandbox.process import TICK, Sandboxed
from snakeval.sandbox.types import Ending, Isolation, Job, Limits, SandboxError, Status

CHUNK = 1 << 16


def run(job: Job, limits: Limits, isolation: Isolation) -> Ending:
    """Run a job under its limits and return how it ended; nothing of it is left running.

    Nothing is collected but stdout and stderr, so links that the job leaves lead nowhere. Raises
    SandboxError where the sandbox itself did not start.
    """
    with contextlib.ExitStack() as stack:
        pipes = _Pipes(job.stdin, limits.output, stack)
        command = limited(isolation, limits, job.command)
        box = stack.enter_context(
            Sandboxed(
                command,
                isolation,
                limits,
                files=job.files,
                stdin=pipes.ends[0],
                stdout=pipes.ends[1],
                stderr=pipes.ends[2],
            )
        )
        pipes.close_ends()
        ended = _attend(box, pipes, limits)
        seconds = time.monotonic() - box.started
        if ended:
            box.kill()
        code = box.wait()
        pipes.drain()
        if not ended:
            box.kill()  # what outlived the command where there is no sandbox
    stderr = pipes.written[1]
    if code == 1 and not ended and isolation.kind == "bubblewrap" and stderr.startswith(b"bwrap: "):
        raise SandboxError(stderr.decode(errors="replace").strip())
    status, number = (ended, None) if ended else _status(code)
    return Ending(status, number, pipes.written[0], stderr, seconds, box.meter.cpu, box.meter.memory)


def _attend(box: Sandboxed, pipes: _Pipes, limits: Limits) -> Status | None:
    """Feed and read the job until it ends by itself (None), or has to be ended."""
    pidfd = os.pidfd_open(box.pid)
    deadline = box.started + limits.wall
    looked = time.monotonic()
    try:
        pipes.selector.register(pidfd, selectors.EVENT_READ)
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                return "timed_out"
            for key, _ in pipes.selector.select(min(left, TICK)):
                if key.fd == pidfd:
                    return None
                if pipes.serve(key.fd):
                    return "output_limit"
            if (now := time.monotonic()) - looked >= TICK:
                looked = now
                if over := box.overuse():
                    return over
    finally:
        with contextlib.suppress(KeyError):
            pipes.selector.unregister(pidfd)
        os.close(pidfd)


def _status(code: int) -> tuple[Status, int]:
    """bwrap and prlimit pass a signal on as 128 and its number."""
    number = -code if code < 0 else code - 128 if code > 128 else None
    return ("exited", code) if number is None else ("signalled", number)


class _Pipes:
    """The three standard streams of a job, their other ends never blocking."""

    def __init__(self, stdin: bytes, most: int, stack: contextlib.ExitStack) -> None:
        self.selector = stack.enter_context(selectors.DefaultSelector())
        self._stdin, self._most = memoryview(stdin), most
        self._open: set[int] = set()
        self.written = [b"", b""]
        self._parts: dict[int, bytearray] = {}
        pairs = [os.pipe() for _ in range(3)]
        self.ends = [pairs[0][0], pairs[1][1], pairs[2][1]]
        self._feed, self._outputs = pairs[0][1], (pairs[1][0], pairs[2][0])
        stack.callback(self.close)
        for descriptor in (self._feed, *self._outputs):
            os.set_blocking(descriptor, False)
            self._open.add(descriptor)
        for descriptor in self._outputs:
            self._parts[descriptor] = bytearray()
            self.selector.register(descriptor, selectors.EVENT_READ)
        self.selector.register(self._feed, selectors.EVENT_WRITE)

    def serve(self, descriptor: int) -> bool:
        """Feed or read a stream that is ready; True where the job has written more than it may."""
        if descriptor == self._feed:
            self._write()
            return False
        try:
            data = os.read(descriptor, CHUNK)
        except BlockingIOError:
            return False
        if not data:
            self._shut(descriptor)
            return False
        part = self._parts[descriptor]
        part += data[: self._most - len(part)]
        return len(part) + len(data) > self._most and len(part) >= self._most

    def _write(self) -> None:
        try:
            sent = os.write(self._feed, self._stdin[:CHUNK]) if self._stdin else 0
        except BlockingIOError:
            return
        except BrokenPipeError:  # the job does not read all of its input
            sent = len(self._stdin)
        self._stdin = self._stdin[sent:]
        if not self._stdin:
            self._shut(self._feed)

    def drain(self) -> None:
        """Read what is left in the pipes after the end."""
        for index, descriptor in enumerate(self._outputs):
            while descriptor in self._open and not self.serve(descriptor):
                if not self.selector.select(0):
                    break
                if descriptor not in {key.fd for key, _ in self.selector.select(0)}:
                    break
            self.written[index] = bytes(self._parts[descriptor])

    def _shut(self, descriptor: int) -> None:
        self.selector.unregister(descriptor)
        self._open.discard(descriptor)
        os.close(descriptor)

    def close_ends(self) -> None:
        """Close the job's ends, which are its own by now."""
        while self.ends:
            os.close(self.ends.pop())

    def close(self) -> None:
        """Close all that is still open."""
        self.close_ends()
        for descriptor in list(self._open):
            self._shut(descriptor)
