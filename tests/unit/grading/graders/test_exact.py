from __future__ import annotations

import pytest

from snakeval.grading.graders import Answer, Outcome
from snakeval.grading.graders.exact import outcomes


@pytest.mark.parametrize(
    ("reference", "text", "correct", "ignoring_case"),
    [
        ("Paris", "Paris", True, True),
        ("Paris", "  Paris\n", True, True),
        ("New York", "New\n  York", True, True),
        ("Paris", "paris", False, True),
        ("Paris", "Paris.", False, False),
        ("Paris", "It is Paris", False, False),
        ("Paris", r"It is \boxed{Paris}", True, True),
        ("Paris", r"It is \boxed{\text{Paris}}", True, True),
        ("Paris", r"Paris, no: \boxed{Rome}", False, False),
        ("B", "B", True, True),
        ("B", "(B)", True, True),
        ("B", "B.", True, True),
        ("B", "B)", True, True),
        ("B", "(B).", True, True),
        ("B", r"so \boxed{\text{(B)}}", True, True),
        ("(B)", "B", True, True),
        ("B", "b", False, True),
        ("B", "(b)", False, True),
        ("B", "C", False, False),
        ("B", "BC", False, False),
        ("B", "B or C", False, False),
        ("12", "12", True, True),
        ("12", "12.0", False, False),
    ],
)
def test_normalised_exact_match(reference: str, text: str, correct: bool, ignoring_case: bool) -> None:
    answer = [Answer("p", reference, text)]
    assert [o.verdict == "correct" for o in outcomes(answer)] == [correct]
    assert [o.verdict == "correct" for o in outcomes(answer, ignore_case=True)] == [ignoring_case]


def test_what_was_compared_is_recorded() -> None:
    texts = [Answer("p", "B", r" so \boxed{(B)} "), Answer("p", "B", " B. ")]
    assert list(outcomes(texts)) == [Outcome("correct", "(B)", "boxed"), Outcome("correct", "B.", "whole")]
