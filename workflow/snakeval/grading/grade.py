"""Generations -> grades by a verifier or by comparison. Judges grade in `snakeval.grading.graders.judge`."""

from __future__ import annotations

import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from snakeval.grading.gradable import FOREIGN, gradable, reward_of
from snakeval.grading.graders import Answer, Outcome, code, exact, ifbench, ifeval, math, points
from snakeval.schema import Grader, Points, Reasoning
from snakeval.system.tables import count_rows, read_rows, read_table, write_rows
from snakeval.types import Generation, Grade, Problem, Verdict

log = logging.getLogger(__name__)
LOG_EVERY_SECONDS = 10.0

MOST_DETAILS_LOGGED = 10

GRADERS: dict[str, Callable[[Iterable[Answer], Grader, int, Path], Iterator[Outcome]]] = {
    "math": lambda answers, grader, workers, _: math.outcomes(
        answers,
        grader.timeout,
        workers,
        asked=grader.asked if grader.extraction == "strict" else None,
        numbers=grader.numbers,
    ),
    "exact": lambda answers, grader, workers, _: exact.outcomes(answers, ignore_case=grader.ignore_case),
    "points": lambda answers, grader, workers, _: points.outcomes(answers, _points_of(grader)),
    "ifeval": lambda answers, grader, workers, _: ifeval.outcomes(answers, loose=grader.loose),
    "ifbench": lambda answers, grader, workers, _: ifbench.outcomes(answers, loose=grader.loose),
    "code": code.graded,
}


def _points_of(grader: Grader) -> Points:
    assert grader.points is not None, "checked when the configuration was read"
    return grader.points


class GradeError(ValueError):
    """Problems and generations do not belong together; the message names both files and the row."""


def grade(
    problems: Path, generations: Path, output: Path, grader: Grader, reasoning: Reasoning, workers: int
) -> None:
    """Write one Grade row a generation, in the generations' order.

    Raises GradeError where a generation's problem or its reference is missing or a sample is there
    twice, and what the grader raises; nothing is written then.
    """
    book = _Book(generations, _keys(problems, grader), reasoning)
    noted = code.notes(grader) if grader.type == "code" else {}
    outcomes = GRADERS[grader.type](book.answers(), grader, workers, problems)
    write_rows(output, Grade, book.grades(outcomes), lambda: {**noted, FOREIGN: str(book.foreign)})
    book.log_summary(grader)


@dataclass(frozen=True, slots=True)
class _Row:
    """What of a generation its grade needs once the answer is with the grader."""

    problem_id: str
    sample_index: int
    digest: str
    verdict: Verdict | None
    detail: str | None


class _Book:
    """Sends the gradable rows of a generations file to the grader and puts its outcomes in their rows."""

    def __init__(self, generations: Path, keys: dict[str, _Key], reasoning: Reasoning) -> None:
        self._path = generations
        self._keys = keys
        self._reasoning = reasoning
        self.foreign = 0
        self._open: deque[_Row] = deque()
        self._total = count_rows(generations)
        self._verdicts: Counter[Verdict] = Counter()
        self._found_by: Counter[str] = Counter()
        self._details: Counter[str] = Counter()

    def answers(self) -> Iterator[Answer]:
        """The answers that the grader must look at, in the file's order."""
        seen: set[tuple[str, int]] = set()
        for row in read_rows(self._path, Generation):
            if (row.problem_id, row.sample_index) in seen or not row.digest:
                fault = "has no digest" if not row.digest else "is there twice"
                raise GradeError(
                    f"{self._path}: sample {row.sample_index} of problem '{row.problem_id}' {fault}. "
                    "Delete the file to have it made anew."
                )
            seen.add((row.problem_id, row.sample_index))
            key = self._key(row.problem_id)
            found = gradable(row, self._reasoning)
            self.foreign += found.foreign
            self._open.append(_Row(row.problem_id, row.sample_index, row.digest, found.verdict, found.detail))
            if found.text is not None:
                yield Answer(row.problem_id, key.reference, found.text, key.metadata)

    def grades(self, outcomes: Iterable[Outcome]) -> Iterator[Grade]:
        """One grade a row, in the file's order."""
        started = logged = time.monotonic()
        for outcome in outcomes:
            yield from self._decided()
            yield self._grade(self._open.popleft(), outcome)
            yield from self._decided()
            if time.monotonic() - logged >= LOG_EVERY_SECONDS:
                logged = time.monotonic()
                done = self._verdicts.total()
                log.info("%d of %d samples, %.0f a second", done, self._total, done / (logged - started))
        yield from self._decided()

    def log_summary(self, grader: Grader) -> None:
        """How many samples got which verdict, and where their answers were found."""
        log.info("%s: %s; answers found: %s", grader.name, dict(self._verdicts), dict(self._found_by))
        for detail, count in self._details.most_common(MOST_DETAILS_LOGGED):
            log.warning("%s: %d samples: %s", grader.name, count, detail)

    def _key(self, problem_id: str) -> _Key:
        try:
            return self._keys[problem_id]
        except KeyError:
            raise GradeError(f"{self._path}: problem '{problem_id}' is not among the problems") from None

    def _decided(self) -> Iterator[Grade]:
        while self._open and (verdict := self._open[0].verdict) is not None:
            row = self._open.popleft()
            yield self._grade(row, Outcome(verdict, None, detail=row.detail))

    def _grade(self, row: _Row, outcome: Outcome) -> Grade:
        self._verdicts[outcome.verdict] += 1
        if outcome.how:
            self._found_by[outcome.how] += 1
        if outcome.detail:
            self._details[outcome.detail] += 1
        reward = reward_of(outcome.verdict)
        key = (row.problem_id, row.sample_index, row.digest)
        known = (*key, reward, outcome.extracted, outcome.verdict, None, outcome.parts)
        return Grade(*known, outcome.how, outcome.points, outcome.detail)


@dataclass(frozen=True, slots=True)
class _Key:
    """What of a problem its answers are graded by."""

    reference: str
    metadata: str


def _keys(problems: Path, grader: Grader) -> dict[str, _Key]:
    columns = ["problem_id", "reference", "metadata"]
    table = read_table(problems, Problem, columns)
    keys = {}
    for name, reference, metadata in zip(*(table[column].to_pylist() for column in columns), strict=True):
        if reference is None and grader.needs_reference:
            raise GradeError(f"{problems}: problem '{name}' has no reference; only a judge can grade it")
        keys[name] = _Key(reference or "", metadata)
    return keys
