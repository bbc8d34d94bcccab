from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar

import pytest

from snakeval.grading.graders import Answer, Outcome, Result, Task, math
from snakeval.grading.graders.math import UnreadableReference, outcomes
from snakeval.system.workers import Failure

HANGING = r"9^{9^{9^{9}}}"


def answers(*pairs: tuple[str, str]) -> list[Answer]:
    return [Answer(f"p{number}", reference, text) for number, (reference, text) in enumerate(pairs)]


def test_outcomes_come_in_order_with_how_the_answer_was_found() -> None:
    found = list(
        outcomes(
            answers(
                ("42", r"So \boxed{42}."),
                ("42", r"So \boxed{41}."),
                ("42", "#### 42"),
                ("42", "42"),
                ("42", "That makes 42 of them."),
                ("42", "I do not know."),
                ("42", r"So \boxed{42}."),
            ),
            timeout=20,
            workers=2,
        )
    )
    assert found == [
        Outcome("correct", "42", "boxed"),
        Outcome("incorrect", "41", "boxed"),
        Outcome("correct", "42", "marked"),
        Outcome("correct", "42", "bare"),
        Outcome("correct", "42", "searched"),
        Outcome("unextracted", None),
        Outcome("correct", "42", "boxed"),
    ]


def test_without_the_flexible_rules_only_a_box_is_an_answer() -> None:
    texts = answers(("42", "#### 42"), ("42", r"\boxed{42}"), ("42", "42"), ("42", "That makes 42 of them."))
    found = outcomes(texts, timeout=20, workers=1, asked=["boxed"])
    assert [outcome.verdict for outcome in found] == ["unextracted", "correct", "unextracted", "unextracted"]


def test_a_hanging_answer_is_timed_out_and_costs_its_limit() -> None:
    trap = Answer("trap", "2", rf"\boxed{{{HANGING}}}")
    others = answers(*[(str(number), rf"\boxed{{{number}.0}}") for number in range(40)])
    found = list(outcomes([trap, *others[:20], trap, *others[20:]], timeout=2, workers=2))
    correct = ["correct"] * 20
    assert [outcome.verdict for outcome in found] == ["timed_out", *correct, "timed_out", *correct]
    assert found[0].detail == "timed_out: over the limit of 2 s"


@pytest.mark.parametrize("reference", ["", "  ", "$$"])
def test_a_reference_that_cannot_be_read_names_its_problem(reference: str) -> None:
    with pytest.raises(UnreadableReference, match=r"problem 'p1'.*math-verify finds nothing"):
        list(outcomes(answers(("1", "1"), (reference, r"\boxed{5}")), timeout=20, workers=1))


def test_textual_references_are_named_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        found = list(outcomes(answers(("1", "1"), ("t(0,4]", r"\boxed{5}")), timeout=20, workers=1))
    assert [outcome.verdict for outcome in found] == ["correct", "incorrect"]
    assert "compared as text: p1" in caplog.text


class FakePool:
    """Answers tasks in this process, so that crashes can be staged."""

    seen: ClassVar[list[Task]] = []
    answer: Callable[[Task], Result | Failure]

    def __init__(self, *_: object, **__: object) -> None:
        FakePool.seen = []

    def __enter__(self) -> FakePool:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def map(self, tasks: Iterable[Task]) -> Iterator[Any]:
        for task in tasks:
            self.seen.append(task)
            yield FakePool.answer(task)


@pytest.fixture
def fake_pool(monkeypatch: pytest.MonkeyPatch) -> type[FakePool]:
    monkeypatch.setattr(math, "Pool", FakePool)
    return FakePool


def test_a_crash_is_infrastructure_and_not_the_models_fault(fake_pool: type[FakePool]) -> None:
    crash = Failure("crashed", "killed by SIGSEGV")
    fake_pool.answer = lambda task: crash if task.answer == "6" else Result("correct", task.answer, task.how)
    found = list(outcomes(answers(("5", r"\boxed{5}"), ("5", r"\boxed{6}")), timeout=9, workers=1))
    assert found[1] == Outcome("infrastructure_failed", None, detail="crashed: killed by SIGSEGV")
    # The reference is read alone, to know whose fault it is.
    assert fake_pool.seen[-1] == Task("5", None, "boxed")


def test_a_reference_that_never_ends_is_not_held_against_the_answers(fake_pool: type[FakePool]) -> None:
    late = Failure("timed_out", "over the limit of 9 s")
    fake_pool.answer = lambda task: late if task.reference == "6" else Result("correct", "5", "boxed")
    with pytest.raises(UnreadableReference, match=r"problem 'p1': its reference '6'.*timed out"):
        list(outcomes(answers(("5", r"\boxed{5}"), ("6", r"\boxed{6}")), timeout=9, workers=1))


def test_equal_pairs_are_compared_once(fake_pool: type[FakePool]) -> None:
    fake_pool.answer = lambda task: Result("correct", task.answer, task.how)
    texts = answers(*[("5", rf"So \boxed{{{n % 3}}} in {n} steps") for n in range(30)], ("6", r"\boxed{0}"))
    found = list(outcomes(texts, timeout=9, workers=1))
    assert [outcome.extracted for outcome in found] == [str(n % 3) for n in range(30)] + ["0"]
    assert len(fake_pool.seen) == 4
