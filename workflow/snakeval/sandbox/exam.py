"""Put a problem's tests to a program: two sandboxes, one for the tests and one for the program.

The examiner stays for a worker's life and knows the tests. Each program gets a new sandbox, one socket to
the examiner, and no way to say "passed": that word comes from the examiner, over a channel of its own.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import select
import socket
import time
from functools import lru_cache
from types import TracebackType
from typing import Any, Literal, NamedTuple

from snakeval.sandbox import bytecode
from snakeval.sandbox.commands import limited, rlimits, uid_of
from snakeval.sandbox.forks import Fork, Forks
from snakeval.sandbox.process import TICK, Sandboxed
from snakeval.sandbox.types import MIB, Isolation, Limits, SandboxError, Status

Box = Fork | Sandboxed
ExamVerdict = Literal["passed", "failed", "timed_out", "unfit"]
EXAMINER = Limits(wall=0, cpu=10**6, memory=4096 * MIB, processes=8, output=0)
EXAMINER_MODULES = ("candidate", "compare", "scalars", "remote", "examiner")
LEARNING_SECONDS = 900.0  # EvalPlus does not bound its reference solutions; some take half a minute
GRACE = 65.0  # seconds above an exam's own limits after which it is given up; a slow start may take 60


class Result(NamedTuple):
    """What an exam found; `unfit` blames the problem. `detail` says why a program did not pass."""

    verdict: ExamVerdict
    detail: str | None


class Examiner:
    """The tests' sandbox; a context manager, after which it is gone."""

    def __init__(self, isolation: Isolation) -> None:
        self._isolation = isolation
        self._learnt = ""
        self._ending: Box | None = None  # killed; closed while the next one runs
        lane = dataclasses.replace(isolation, lane=1)
        self._control, theirs = socket.socketpair()
        with theirs:
            command = limited(lane, EXAMINER, bytecode.command())
            self._box = Sandboxed(command, lane, EXAMINER, stdin=theirs.fileno())
        self._control.sendall(bytecode.message(EXAMINER_MODULES))
        self.forks = Forks.where_possible(isolation)

    def examine(self, problem: str, program: str, limits: Limits) -> Result:
        """Whether a program passes a problem (JSON, see `snakeval.grading.graders.code_problems`).

        `limits.wall` bounds the whole exam; times of single tests are the problem's. A program that ran out
        of time and had the CPU for less than half of it is examined once more: it may only have waited for
        its turn on a busy machine. Raises SandboxError where the examiner is gone.
        """
        result, starved = self._examine(problem, program, limits)
        return self._examine(problem, program, limits)[0] if starved else result

    def _examine(self, problem: str, program: str, limits: Limits) -> tuple[Result, bool]:
        """The result, and whether time ran out while the CPU was mostly another's."""
        if (unfit := self._learn(problem)) is not None:
            return unfit, False
        began = time.monotonic()
        box, channel = self._start(limits)
        ending, self._ending = self._ending, box
        with channel:
            self._send(_order(problem, program, limits.wall), [channel.fileno()])
        if ending is not None:
            ending.close()
        killed = self._attend(box, limits)
        answer = self._answer()
        box.kill()
        if answer["verdict"] == "unready":
            raise SandboxError("the sandbox of a program did not start")
        result = Result(answer["verdict"], answer["detail"])
        if killed is not None and answer["verdict"] != "passed":
            result = Result("timed_out" if killed == "timed_out" else "failed", killed)
        return result, result.verdict == "timed_out" and box.meter.cpu < (time.monotonic() - began) / 2

    def _start(self, limits: Limits) -> tuple[Box, socket.socket]:
        if self.forks is not None:
            return self.forks.fork(limits)
        ours, theirs = socket.socketpair()
        with theirs:
            box = Sandboxed(bytecode.command(), self._isolation, limits, stdin=theirs.fileno())
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            ours.sendall(_candidate(uid_of(self._isolation), limits))
        return box, ours

    def _learn(self, problem: str) -> Result | None:
        """Have the examiner find out what a reference solution gives, once for all programs that follow."""
        if '"kind": "inputs"' not in problem or problem == self._learnt:
            return None
        self._send(_order(problem, None, LEARNING_SECONDS), [])
        if not select.select([self._control], [], [], LEARNING_SECONDS + GRACE)[0]:
            raise SandboxError("the examiner does not answer")
        answer = self._answer()
        if answer["verdict"] != "passed":
            return Result("unfit", answer["detail"])
        self._learnt = problem
        return None

    def _send(self, order: bytes, descriptors: list[int]) -> None:
        try:
            socket.send_fds(self._control, [len(order).to_bytes(4, "big")], descriptors)
            self._control.sendall(order)
        except OSError as error:
            raise SandboxError(f"the examiner is gone: {error}") from error

    def _attend(self, box: Box, limits: Limits) -> Status | None:
        """Wait for the examiner's answer; why the program had to be killed before, if it was."""
        deadline = time.monotonic() + limits.wall + GRACE
        killed: Status | None = None
        while not select.select([self._control], [], [], TICK)[0]:
            if killed is None:
                killed = "timed_out" if time.monotonic() > deadline else box.overuse()
                if killed:
                    box.kill()
            elif time.monotonic() > deadline + 2 * GRACE:
                raise SandboxError("the examiner does not answer")
        return killed

    def _answer(self) -> dict[str, Any]:
        line = bytearray()
        while not line.endswith(b"\n"):
            part = self._control.recv(1 << 16)
            if not part:
                raise SandboxError("the examiner ended")
            line += part
        answer: dict[str, Any] = json.loads(line)
        return answer

    def __enter__(self) -> Examiner:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._control.close()
        for box in (self._ending, self._box):
            if box is not None:
                box.close()
        if self.forks is not None:
            self.forks.close()


@lru_cache(maxsize=8)
def _candidate(uid: int | None, limits: Limits) -> bytes:
    return bytecode.message(("candidate",), uid, rlimits(limits))


def _order(problem: str, program: str | None, wall: float) -> bytes:
    return f'{{"program": {json.dumps(program)}, "wall": {wall}, "problem": {problem}}}'.encode()
