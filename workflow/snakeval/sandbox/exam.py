"""Put a problem's tests to a program: two sandboxes, one for the tests and one for the program.

The examiner stays for a worker's life and knows the tests. Each program gets a new sandbox, one socket to
the examiner, and no way to say "passed": that word comes from the examiner, over a channel of its own.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import marshal
import select
import socket
import time
from functools import cache, lru_cache
from pathlib import Path
from types import CodeType, TracebackType
from typing import Any, Literal, NamedTuple

from snakeval.sandbox.commands import address_space, limited, python, uid_of
from snakeval.sandbox.process import TICK, Sandboxed
from snakeval.sandbox.types import MIB, Isolation, Limits, SandboxError, Status

ExamVerdict = Literal["passed", "failed", "timed_out", "unfit"]
EXAMINER = Limits(wall=0, cpu=10**6, memory=4096 * MIB, processes=8, output=0)
EXAMINER_MODULES = ("candidate", "compare", "scalars", "remote", "examiner")
LEARNING_SECONDS = 900.0  # EvalPlus does not bound its reference solutions; some take half a minute
GRACE = 65.0  # seconds above an exam's own limits after which it is given up; a slow start may take 60
BOOTSTRAP = """\
import marshal, os, sys
def read(count):
    data = b""
    while len(data) < count:
        part = os.read(0, count - len(data))
        if not part:
            os._exit(1)
        data += part
    return data
modules, arguments = marshal.loads(read(int.from_bytes(read(4), "big")))
for name, code in modules:
    module = sys.modules[name] = type(sys)(name)
    exec(code, module.__dict__)
module.main(os.dup(0), *arguments)
"""


class Result(NamedTuple):
    """What an exam found; `unfit` blames the problem. `detail` says why a program did not pass."""

    verdict: ExamVerdict
    detail: str | None


class Examiner:
    """The tests' sandbox; a context manager, after which it is gone."""

    def __init__(self, isolation: Isolation) -> None:
        self._isolation = isolation
        self._learnt = ""
        self._ending: Sandboxed | None = None  # killed; closed while the next one runs
        self._spare: tuple[Limits, Sandboxed, socket.socket] | None = None
        lane = dataclasses.replace(isolation, lane=1)
        self._control, theirs = socket.socketpair()
        with theirs:
            command = limited(lane, EXAMINER, [*python(), "-c", BOOTSTRAP])
            self._box = Sandboxed(command, lane, EXAMINER, stdin=theirs.fileno())
        self._control.sendall(_bootstrap(_codes(EXAMINER_MODULES), ()))

    def examine(self, problem: str, program: str, limits: Limits) -> Result:
        """Whether a program passes a problem (JSON, see `snakeval.graders.code_problems`).

        `limits.wall` bounds the whole exam; times of single tests are the problem's. Raises SandboxError
        where the examiner is gone.
        """
        if (unfit := self._learn(problem)) is not None:
            return unfit
        box, channel = self._take(limits)
        ending, self._ending = self._ending, box
        with channel:
            self._send(_order(problem, program, limits.wall), [channel.fileno()])
        if ending is not None:
            ending.close()
        if self._isolation.kind == "bubblewrap":  # without a sandbox one program could reach the next
            self._spare = (limits, *self._start(limits))
        killed = self._attend(box, limits)
        answer = self._answer()
        box.kill()
        if answer["verdict"] == "unready":
            raise SandboxError("the sandbox of a program did not start")
        if killed is not None and answer["verdict"] != "passed":
            return Result("timed_out" if killed == "timed_out" else "failed", killed)
        return Result(answer["verdict"], answer["detail"])

    def _take(self, limits: Limits) -> tuple[Sandboxed, socket.socket]:
        """A sandbox for one program: the one that was started while the last program ran, else a new one."""
        spare, self._spare = self._spare, None
        if spare is not None:
            if spare[0] == limits:
                return spare[1], spare[2]
            spare[2].close()
            spare[1].close()
        return self._start(limits)

    def _start(self, limits: Limits) -> tuple[Sandboxed, socket.socket]:
        ours, theirs = socket.socketpair()
        with theirs:
            command = [*python(), "-c", BOOTSTRAP]
            box = Sandboxed(command, self._isolation, limits, stdin=theirs.fileno())
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

    def _attend(self, box: Sandboxed, limits: Limits) -> Status | None:
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
        spare = None
        if self._spare is not None:
            _, spare, channel = self._spare
            channel.close()
        for box in (spare, self._ending, self._box):
            if box is not None:
                box.close()


@lru_cache(maxsize=8)
def _candidate(uid: int | None, limits: Limits) -> bytes:
    return _bootstrap(_codes(("candidate",)), (uid, _rlimits(limits)))


@cache
def _codes(names: tuple[str, ...]) -> tuple[tuple[str, CodeType], ...]:
    """The modules' bytecode, without docstrings; interpreter inside and outside are the same."""
    folder = Path(__file__).parent
    return tuple(
        (
            f"{__package__}.{name}",
            compile((folder / f"{name}.py").read_bytes(), f"{name}.py", "exec", optimize=2),
        )
        for name in names
    )


def _order(problem: str, program: str | None, wall: float) -> bytes:
    return f'{{"program": {json.dumps(program)}, "wall": {wall}, "problem": {problem}}}'.encode()


def _bootstrap(modules: tuple[tuple[str, CodeType], ...], arguments: tuple[Any, ...]) -> bytes:
    data = marshal.dumps((modules, arguments))
    return len(data).to_bytes(4, "big") + data


def _rlimits(limits: Limits) -> dict[str, int]:
    return {
        "RLIMIT_AS": address_space(limits),
        "RLIMIT_NPROC": limits.processes,
        "RLIMIT_FSIZE": limits.file,
        "RLIMIT_CPU": max(1, round(limits.cpu + 1)),
        "RLIMIT_NOFILE": limits.open_files,
        "RLIMIT_CORE": 0,
        "RLIMIT_MSGQUEUE": 0,
        "RLIMIT_MEMLOCK": 1 << 16,
    }
