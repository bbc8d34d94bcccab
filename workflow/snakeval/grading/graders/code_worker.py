"""The code grader's task in a worker process: one program against one problem's tests."""

from __future__ import annotations

from typing import NamedTuple

from snakeval.grading.graders.code_stdio import judge
from snakeval.sandbox.exam import Examiner, Result
from snakeval.sandbox.types import Isolation, Limits, SandboxError

ATTEMPTS = 3


class CodeTask(NamedTuple):
    """A program and the exam it must pass; with a `language` it is one of input and output."""

    exam: str
    program: str
    limits: Limits
    isolation: Isolation
    language: str | None = None


_examiners: dict[Isolation, Examiner] = {}


def examine(task: CodeTask) -> Result:
    """Put the exam to the program; again where a sandbox does not start or the examiner is gone."""
    if task.language is not None:
        return judge(task.exam, task.program, task.language, task.isolation)
    for attempt in range(ATTEMPTS):
        try:
            if task.isolation not in _examiners:
                _examiners[task.isolation] = Examiner(task.isolation)
            return _examiners[task.isolation].examine(task.exam, task.program, task.limits)
        except SandboxError:
            if task.isolation in _examiners:
                _examiners.pop(task.isolation).__exit__(None, None, None)
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")
