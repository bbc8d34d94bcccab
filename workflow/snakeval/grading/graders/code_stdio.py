"""Programs that read standard input and write standard output, judged test by test as contests do.

A program is compiled once in a sandbox, which hands the binary out through its standard output; each
test runs in a sandbox of its own. The problem's time limit holds for CPU time, as on Codeforces; wall
time may be twice that and a second. Verdicts: AC, WA, TLE, MLE, RE, OLE, and CE for what can't be compiled.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from snakeval.grading.graders.code_archive import Archive, Checker, read_archive
from snakeval.grading.graders.code_livecodebench import COMPARISONS
from snakeval.sandbox import Ending, Isolation, Job, Limits, run
from snakeval.sandbox.commands import script
from snakeval.sandbox.exam import Result
from snakeval.sandbox.types import MIB

COMPILING = Limits(wall=90, cpu=60, memory=2048 * MIB, file=128 * MIB, disk=256 * MIB, output=64 * MIB)
COMPILE = "g++ -O2 -std=c++20 -pipe -I. -o program main.cpp 1>&2 && cat program"
CHECKING = Limits(wall=60, cpu=30, memory=1024 * MIB, output=MIB, disk=256 * MIB)
OUTPUT_BYTES = 64 * MIB
OUT_OF_MEMORY = (b"MemoryError", b"std::bad_alloc")


class Unbuilt(ValueError):
    """A program or a checker that can't be compiled or used; the message is the compiler's."""


@dataclass(frozen=True, slots=True)
class Built:
    """What is run: a command and the file that it needs."""

    command: tuple[str, ...]
    files: tuple[tuple[str, bytes], ...]


def judge(exam: str, source: str, language: str, isolation: Isolation) -> Result:
    """Run a program on an exam's tests (JSON, see `grading.graders.code_problems`) up to the first failure.

    Raises Unbuilt where the problem, not the program, is at fault, and ArchiveError.
    """
    order = json.loads(exam)
    problem = _problem(order)
    if problem.interactive:
        raise Unbuilt("interactive problems can't be judged")
    try:
        program = _program(order, source, language, isolation)
    except Unbuilt as error:
        return Result("failed", f"CE: {str(error)[:300]}")
    limits = Limits(
        wall=2 * problem.seconds + 1,
        cpu=problem.seconds,
        memory=problem.memory_mib * MIB,
        output=OUTPUT_BYTES,
    )
    for number, (given, wanted) in enumerate(_tests(problem, order), start=1):
        job = Job(program.command, dict(program.files), given)
        ending = run(job, limits, isolation)
        if _verdict(ending) == "TLE" and ending.cpu < ending.seconds / 2:  # a busy machine's fault, perhaps
            ending = run(job, limits, isolation)
        verdict = _verdict(ending)
        if verdict == "AC" and not _right(order, problem, given, ending.stdout, wanted, isolation):
            verdict = "WA"
        if verdict != "AC":
            return Result("timed_out" if verdict == "TLE" else "failed", f"{verdict} on test {number}")
    return Result("passed", None)


def _problem(order: Any) -> Archive:
    if order["archive"] is not None:
        return read_archive(Path(order["archive"]), order["include"])
    checker = Checker(**order["checker"]) if order["checker"] else None
    return Archive(order["seconds"], order["memory_mib"], checker, False, ())


def _tests(problem: Archive, order: Any) -> Iterator[tuple[bytes, bytes]]:
    if order["archive"] is not None:
        return problem.tests(Path(order["archive"]))
    return ((test["input"].encode(), test["output"].encode()) for test in order["tests"])


def _program(order: Any, source: str, language: str, isolation: Isolation) -> Built:
    """A program by itself, or one that the exam's driver starts."""
    if "driver" not in order:
        return _build(source, language, (), isolation)
    files = {"main.py": order["driver"], "solution.py": source}
    return Built(
        script("main.py"), tuple((name, text.encode("utf-8", "replace")) for name, text in files.items())
    )


def _verdict(ending: Ending) -> str:
    """AC where the program ended well, whatever it wrote."""
    match ending.status:
        case "timed_out":
            return "TLE"
        case "out_of_memory":
            return "MLE"
        case "output_limit":
            return "OLE"
        case "exited" if ending.code == 0:
            return "AC"
    if ending.status == "signalled" and ending.code == 24:  # SIGXCPU
        return "TLE"
    return "MLE" if any(words in ending.stderr for words in OUT_OF_MEMORY) else "RE"


def _right(
    order: Any, problem: Archive, given: bytes, output: bytes, wanted: bytes, isolation: Isolation
) -> bool:
    """By the exam's own comparison, where it names one."""
    if (same := COMPARISONS.get(order.get("compare"))) is not None:
        return same(output.decode(errors="replace"), wanted.decode())
    return _accepted(problem, given, output, wanted, isolation)


def _accepted(problem: Archive, given: bytes, output: bytes, wanted: bytes, isolation: Isolation) -> bool:
    """By the problem's checker, else word by word."""
    if problem.checker is None:
        return output.split() == wanted.split()
    built = _build(problem.checker.source, problem.checker.language, problem.checker.headers, isolation)
    files = {**dict(built.files), "input.txt": given, "output.txt": output, "answer.txt": wanted}
    job = Job((*built.command, "input.txt", "output.txt", "answer.txt"), files)
    ending = run(job, CHECKING, isolation)
    if ending.status == "exited" and ending.code in (0, 1, 2):  # testlib: right, wrong, wrongly formatted
        return ending.code == 0
    said = ending.stderr.decode(errors="replace")[-300:]
    raise Unbuilt(f"the checker fails: {ending.status} {ending.code}: {said}")


@lru_cache(maxsize=32)
def _build(source: str, language: str, headers: tuple[tuple[str, bytes], ...], isolation: Isolation) -> Built:
    if language == "python":
        return Built(script("main.py"), (("main.py", source.encode("utf-8", "replace")),))
    files = {"main.cpp": source.encode("utf-8", "replace"), **dict(headers)}
    ending = run(Job(("/bin/sh", "-c", COMPILE), files), COMPILING, isolation)
    if ending.status != "exited" or ending.code != 0 or not ending.stdout:
        said = ending.stderr.decode(errors="replace").strip()
        raise Unbuilt(said or f"{ending.status} {ending.code}")
    return Built(("./program",), (("program", ending.stdout),))
