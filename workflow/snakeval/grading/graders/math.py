"""The verifier: math-verify behind Snakeval's own extraction, in killable worker processes."""

from __future__ import annotations

import hashlib
import logging
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from snakeval.answers.extract import Form, extract, strict
from snakeval.answers.numbers import Convention
from snakeval.grading.graders import Answer, Outcome, Result, Task
from snakeval.system.workers import Failure, Pool
from snakeval.types import Verdict

log = logging.getLogger(__name__)
COMPARE = "snakeval.grading.graders.equivalence:compare"
MEMORY_LIMIT = 4 * 1024**3
_NAMED_IN_LOG = 10


class UnreadableReference(ValueError):
    """A golden answer that nothing can be compared with; the message names its problem."""


def outcomes(
    answers: Iterable[Answer],
    timeout: float,
    workers: int,
    *,
    asked: Sequence[Form] | None = None,
    numbers: Convention = "exact",
) -> Iterator[Outcome]:
    """One outcome an answer, in order; equal pairs of reference and answer are compared once.

    `timeout` is the wall limit in seconds of one comparison, parsing included. Only what stands in one of the
    forms `asked` for is an answer, else it is `unextracted`; without `asked` it is what the box holds, what a
    marker names, the whole text if that is one expression, else what math-verify finds in the text. `numbers`
    is the convention by which numbers are compared (see snakeval.answers.numbers). Raises
    UnreadableReference where a reference can not be parsed at all, or not within the limits.
    """
    ledger = _Ledger()
    with Pool(COMPARE, workers, timeout, memory_limit=MEMORY_LIMIT) as pool:
        for result in pool.map(ledger.tasks(answers, asked, numbers)):
            ledger.enter(result)
            yield from ledger.settled()
        yield from ledger.settled()
        ledger.check_failures(pool)
    ledger.warn()


class _Ledger:
    """Which answers wait for which comparison, and what each distinct comparison found."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[str, str, bytes]] = deque()
        self._asked: deque[bytes] = deque()
        self._found: dict[bytes, Result | Failure | None] = {}
        self._failed: dict[str, str] = {}
        self._textual: dict[str, None] = {}

    def tasks(
        self, answers: Iterable[Answer], asked: Sequence[Form] | None, numbers: Convention = "exact"
    ) -> Iterator[Task]:
        """The distinct comparisons among `answers`."""
        for answer in answers:
            task = _task(answer, asked)._replace(numbers=numbers)
            key = hashlib.blake2b(repr(task).encode(), digest_size=16).digest()
            self._waiting.append((answer.problem_id, answer.reference, key))
            if key not in self._found:
                self._found[key] = None
                self._asked.append(key)
                yield task

    def enter(self, result: Result | Failure) -> None:
        """Note the next comparison's result."""
        self._found[self._asked.popleft()] = result

    def settled(self) -> Iterator[Outcome]:
        """Outcomes of the answers next in line, as far as they are known."""
        while self._waiting and (result := self._found[self._waiting[0][2]]) is not None:
            problem_id, reference, _ = self._waiting.popleft()
            if isinstance(result, Failure):
                self._failed.setdefault(reference, problem_id)
                yield _failed(result)
                continue
            if result.status == "unreadable_reference":
                raise UnreadableReference(
                    _complaint(problem_id, reference, "math-verify finds nothing in it")
                )
            if result.textual:
                self._textual[problem_id] = None
            yield Outcome(result.status, result.extracted, result.how)

    def check_failures(self, pool: Pool) -> None:
        """Raise where the reference, not the answer, was what a comparison failed on."""
        alone = (Task(reference, None, "boxed") for reference in self._failed)
        for (reference, problem_id), result in zip(self._failed.items(), pool.map(alone), strict=True):
            if isinstance(result, Failure):
                reason = f"reading it has {result.cause.replace('_', ' ')} ({result.detail})"
                raise UnreadableReference(_complaint(problem_id, reference, reason))

    def warn(self) -> None:
        """Name in the log the problems whose reference is no expression to math-verify."""
        if self._textual:
            log.warning(
                "%d references are no expressions that math-verify can read and were compared as text: %s",
                len(self._textual),
                ", ".join(islice(self._textual, _NAMED_IN_LOG)),
            )


def _task(answer: Answer, asked: Sequence[Form] | None) -> Task:
    found = extract(answer.text) if asked is None else strict(answer.text, asked)
    if found:
        return Task(answer.reference, found.text, found.how)
    return Task(answer.reference, answer.text if asked is None else None, "searched")


def _failed(failure: Failure) -> Outcome:
    verdict: Verdict = "timed_out" if failure.cause == "timed_out" else "infrastructure_failed"
    return Outcome(verdict, None, detail=f"{failure.cause}: {failure.detail}")


def _complaint(problem_id: str, reference: str, reason: str) -> str:
    return (
        f"problem '{problem_id}': its reference {reference!r} can't be graded by 'math': {reason}. "
        "Correct it in the benchmark's source, or grade with 'exact' or a judge."
    )
