"""Graders: each turns answers into outcomes, one an answer, in order.

Worker processes import this package, so it holds nothing that takes long to import.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from snakeval.answers.extract import How
    from snakeval.answers.numbers import Convention
    from snakeval.types import Verdict


class Answer(NamedTuple):
    """One sample's text without its reasoning, not blank, and what it is compared with.

    `reference` is "" for graders that need none (`Grader.needs_reference`), `metadata` the problem's other
    columns as JSON.
    """

    problem_id: str
    reference: str
    text: str
    metadata: str = "{}"


class Outcome(NamedTuple):
    """What a grader found. `detail` says why, where the verdict does not.

    `parts` are the rewards of what the answer is made of, where the whole is right only if all of it is,
    `points` what an answer gives that is itself a grading.
    """

    verdict: Verdict
    extracted: str | None
    how: How | None = None
    detail: str | None = None
    parts: tuple[float, ...] | None = None
    points: float | None = None


class Task(NamedTuple):
    """One comparison for a worker process. With `answer` None the reference alone is read.

    `numbers` names the convention by which numbers are compared (see snakeval.answers.numbers).
    """

    reference: str
    answer: str | None
    how: How
    numbers: Convention = "exact"


class Result(NamedTuple):
    """What a comparison found. `textual`: the reference is no expression, so it was compared as text."""

    status: Literal["correct", "incorrect", "unextracted", "unreadable_reference"]
    extracted: str | None
    how: How | None
    textual: bool = False
