"""Runs in a sandbox of its own, one a worker: puts a problem's tests to candidates that run in others.

The tests are data from elsewhere, so they are not run outside either; but they are trusted to tell right from
wrong. The candidate is not, and it has no way to this process: another pid namespace, no shared files,
one socket that carries plain values. So a pass can't be forged, only earned by returning the right values.
Standard library only; sent as bytecode (see `snakeval.sandbox.exam`).
"""

from __future__ import annotations

import ast
import copy
import gc
import json
import os
import pickle
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from snakeval.sandbox.candidate import DIGITS, LONG, digest
from snakeval.sandbox.compare import AS_FOUND_OR_NOT, arguments, same
from snakeval.sandbox.remote import Gone, Outline, Remote, TimedOut

START_SECONDS = 60.0
LOAD_SECONDS = 3.0  # EvalPlus has no limit of its own for a program's top level
Expected = list[tuple[Any, float, tuple[str, int, str] | None]]
Answer = dict[str, Any]
Found = tuple[Answer, Expected | None]


def main(control_fd: int) -> None:
    """Take [size, JSON of an order] with the candidate's socket, answer with a line of JSON, again and again.

    An order without a program is to learn what the problem's reference solution gives; the last problem
    that was learnt is known.
    """
    sys.set_int_max_str_digits(0)  # as in `candidate.world`: tests may write long integers, too
    control = socket.socket(fileno=control_fd)
    known: tuple[str, Expected] = ("", [])
    compile(ast.parse("assert True"), "first.py", "exec")  # what that makes once, forks need not make
    gc.freeze()
    while True:
        head, descriptors, _, _ = socket.recv_fds(control, 4, 1)
        if len(head) < 4:
            os._exit(0)
        order = json.loads(_exactly(control, int.from_bytes(head, "big")))
        problem, program, wall = order["problem"], order["program"], order["wall"]
        if program is None:
            answer, learnt = _in_child(wall, partial(_learn, problem))
            known = (problem["id"], learnt or [])
        else:
            expected = known[1] if known[0] == problem["id"] else []
            with socket.socket(fileno=descriptors[0]) as channel:
                answer, _ = _in_child(
                    wall + START_SECONDS, partial(_exam, problem, program, Remote(channel), expected)
                )
        control.sendall(json.dumps(answer).encode() + b"\n")


def _exactly(control: socket.socket, count: int) -> bytes:
    data = bytearray()
    while len(data) < count:
        data += control.recv(count - len(data)) or os._exit(0)
    return bytes(data)


def _in_child(
    wall: float, work: Callable[[], tuple[Answer, Expected | None]]
) -> tuple[Answer, Expected | None]:
    """Do something in a fork, which tests can't outlive and from which they can't disturb the next exam."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        limit = int(wall) + 1
        signal.alarm(limit)
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
        with open(theirs, "wb") as pipe:  # noqa: PTH123
            pickle.dump(work(), pipe)
        os._exit(0)
    os.close(theirs)
    with open(ours, "rb") as pipe:  # noqa: PTH123
        data = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if data and status == 0:
        answer, found = pickle.loads(data)
        return answer, found
    verdict = "timed_out" if status in (-signal.SIGALRM, -signal.SIGXCPU) else "failed"
    return {"verdict": verdict, "detail": f"the tests ended with {status}"}, None


def _learn(problem: Any) -> Found:
    try:
        return {"verdict": "passed", "detail": None}, _reference_outputs(problem)
    except Exception as error:
        detail = f"the reference solution fails: {type(error).__name__}: {error}"
        return {"verdict": "unfit", "detail": detail}, None


def _exam(problem: Any, program: str, remote: Remote, expected: Expected) -> Found:
    if not remote.ready(START_SECONDS):
        return {"verdict": "unready", "detail": None}, None
    try:
        _examine(problem, program, remote, expected)
    except TimedOut:
        return {"verdict": "timed_out", "detail": None}, None
    except (Gone, Exception) as error:
        return {"verdict": "failed", "detail": f"{type(error).__name__}: {error}"[:300]}, None
    return {"verdict": "passed", "detail": None}, None


def _examine(problem: Any, program: str, remote: Remote, expected: Expected) -> None:
    """Return where the program passes; raise where it does not."""
    if problem["kind"] == "inputs":
        return _compare(problem, program, remote, expected)
    remote.deadline = time.monotonic() + problem["timeout"]
    remote.load(program)
    names: dict[str, Any] = {"__name__": "tests"}
    if problem["setup"]:
        exec(_without(problem["setup"], problem["entry_point"]), names)
    for name in problem["names"]:
        names[name] = remote.function(name)
    exec(compile(problem["tests"], "tests.py", "exec"), names)
    if problem["kind"] == "check":
        names["check"](remote.function(problem["entry_point"]))
    return None


def _without(source: str, entry_point: str) -> Any:
    """The prompt's own definitions, such as helpers that the tests use, but not the function asked for."""
    tree = ast.parse(source)
    tree.body = [node for node in tree.body if getattr(node, "name", None) != entry_point]
    return compile(tree, "prompt.py", "exec")


def _compare(problem: Any, program: str, remote: Remote, expected: Expected) -> None:
    """Outputs against the reference solution's, input by input, each with its own time limit."""
    entry_point, tolerance = problem["entry_point"], problem["tolerance"]
    remote.deadline = time.monotonic() + max(problem["timeout"], LOAD_SECONDS)
    remote.load(program)
    end = time.monotonic() + problem["total"]
    for inputs, (wanted, seconds, outline) in zip(_inputs(problem), expected, strict=True):
        limit = max(problem["timeout"], problem["factor"] * seconds)
        remote.deadline = min(time.monotonic() + limit, end)
        output = remote.outline(entry_point, inputs)
        if isinstance(output, Outline):
            if (output.kind, output.length, output.digest) == outline:
                continue
            output = remote.ask("value", output.number)
        if not same(entry_point, inputs, output, wanted, tolerance):
            raise AssertionError(
                f"{entry_point}{_short(inputs)} gives {_short(output)}, not {_short(wanted)}"
            )


def _short(value: Any) -> str:
    sys.set_int_max_str_digits(DIGITS)
    try:
        text = repr(tuple(value) if isinstance(value, list) else value)
    except ValueError:
        text = "a long integer"
    sys.set_int_max_str_digits(0)
    return text if len(text) <= 80 else text[:77] + "..."


def _inputs(problem: Any) -> list[list[Any]]:
    return arguments(problem["id"], problem["inputs"])


def _outline(output: Any) -> tuple[str, int, str] | None:
    """What a candidate sends of the same output where that is very long."""
    if type(output) not in (list, tuple) or len(output) < LONG:
        return None
    try:
        return type(output).__name__, len(output), digest(output)
    except ValueError:
        return None


def _reference_outputs(problem: Any) -> Expected:
    """What the reference solution gives for each input, and in what time."""
    names: dict[str, Any] = {"__name__": "reference"}
    outputs: Expected = []
    exec(compile(problem["reference"], "reference.py", "exec"), names)
    function = names[problem["entry_point"]]
    for inputs in _inputs(problem):
        given = copy.deepcopy(inputs)
        began = time.monotonic()
        output = function(*given)
        seconds = time.monotonic() - began
        if problem["entry_point"] in AS_FOUND_OR_NOT and not isinstance(output, bool):
            output = output is not None
        outputs.append((output, seconds, _outline(output)))
    pickle.dumps(outputs)
    return outputs
