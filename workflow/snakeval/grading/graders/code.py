"""The code grader: programs from answers, each put to its problem's tests in a sandbox."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

from snakeval.answers.programs import Program, python_function, whole_program
from snakeval.grading.graders import Answer, Outcome
from snakeval.grading.graders.code_livecodebench import livecodebench_problem
from snakeval.grading.graders.code_problems import CodeProblem, code_problem, stdio_problem
from snakeval.grading.graders.code_worker import CodeTask
from snakeval.problems.fetch import archives
from snakeval.sandbox import Isolation, Limits, choose
from snakeval.sandbox.exam import Result
from snakeval.sandbox.types import MIB
from snakeval.schema import Code, Grader
from snakeval.system.tables import read_rows
from snakeval.system.workers import Failure, Pool
from snakeval.types import Problem, Verdict

TASK = "snakeval.grading.graders.code_worker:examine"
POOL_SECONDS = 1000.0  # above all limits inside: a worker that takes longer is stuck itself
VERDICTS: dict[str, Verdict] = {"passed": "correct", "failed": "incorrect", "timed_out": "timed_out"}


class UnfitProblem(ValueError):
    """A problem's own tests or reference solution fail; the message names it."""


def graded(answers: Iterable[Answer], grader: Grader, workers: int, problems: Path) -> Iterator[Outcome]:
    """One outcome an answer, by a grader's configuration and the problems file."""
    rules = grader.code
    assert rules is not None, "checked when the configuration was read"
    isolation = choose(rules.unsafe, rules.image, rules.packages)
    known = read_problems(problems, grader)
    return outcomes(answers, known, isolation, workers, rules.memory_mib * MIB)


def notes(grader: Grader) -> dict[str, str]:
    """What every score says of how its programs were kept apart. Raises SandboxError where they can't be."""
    assert grader.code is not None
    return {"sandbox": choose(grader.code.unsafe, grader.code.image).label}


def read_problems(path: Path, grader: Grader) -> dict[str, CodeProblem]:
    """The problems of a problems file by id. Raises ProblemError."""
    assert grader.code is not None
    if grader.code.format == "stdio":
        return _stdio_problems(path, grader.code)
    if grader.code.format == "livecodebench":
        return {
            row.problem_id: livecodebench_problem(
                row.problem_id, json.loads(row.metadata), grader.code.memory_mib
            )
            for row in read_rows(path, Problem)
        }
    how = (grader.code.format, grader.code.suite, grader.timeout)
    return {
        row.problem_id: code_problem(row.problem_id, row.reference or "", json.loads(row.metadata), *how)
        for row in read_rows(path, Problem)
    }


def _stdio_problems(path: Path, rules: Code) -> dict[str, CodeProblem]:
    find = archives(rules.tests) if rules.tests else lambda problem_id: None
    rest = (rules.include, rules.memory_mib, rules.language)
    return {
        row.problem_id: stdio_problem(row.problem_id, json.loads(row.metadata), find(row.problem_id), *rest)
        for row in read_rows(path, Problem)
    }


def outcomes(
    answers: Iterable[Answer],
    problems: dict[str, CodeProblem],
    isolation: Isolation,
    workers: int,
    memory: int = 1024 * MIB,
) -> Iterator[Outcome]:
    """One outcome an answer, in order. `memory` bounds each program, in bytes.

    `unextracted` where an answer holds no program. Raises UnfitProblem where a problem can't be graded.
    """
    waiting: deque[tuple[str, Program | None]] = deque()

    def tasks() -> Iterator[CodeTask]:
        for answer in answers:
            problem = problems[answer.problem_id]
            program = _program(answer.text, problem)
            waiting.append((answer.problem_id, program))
            if program is not None:
                limits = Limits(wall=problem.wall, cpu=problem.wall + 1, memory=memory)
                language = program.language if problem.languages else None
                yield CodeTask(problem.exam, program.source, limits, isolation, language)

    longest = max((problem.wall for problem in problems.values()), default=0.0)
    with Pool(TASK, workers, longest + POOL_SECONDS) as pool:
        for result in pool.map(tasks()):
            yield from _without_program(waiting)
            problem_id, program = waiting.popleft()
            assert program is not None
            yield _outcome(problem_id, program, result)
        yield from _without_program(waiting)


def _program(text: str, problem: CodeProblem) -> Program | None:
    if problem.languages:
        return whole_program(text, problem.languages)
    return python_function(text, problem.entry_point, problem.prompt)


def _without_program(waiting: deque[tuple[str, Program | None]]) -> Iterator[Outcome]:
    while waiting and waiting[0][1] is None:
        waiting.popleft()
        yield Outcome("unextracted", None)


def _outcome(problem_id: str, program: Program, result: Result | Failure) -> Outcome:
    if isinstance(result, Failure):
        return Outcome("infrastructure_failed", program.source, detail=f"{result.cause}: {result.detail}")
    if result.verdict == "unfit":
        raise UnfitProblem(f"problem '{problem_id}' can't be graded by its tests: {result.detail}")
    return Outcome(VERDICTS[result.verdict], program.source, detail=result.detail)
