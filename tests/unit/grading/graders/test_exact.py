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
        ("Paris", "**Paris**", True, True),
        ("Paris", "`Paris`", True, True),
        ("Paris", "- Paris", True, True),
        ("Paris", "I think so.\n<answer>Paris</answer>", True, True),
        ("Paris", "Paris <answer>Rome</answer>", False, False),
        ("Paris", r"\boxed{Rome} no <answer>Paris</answer>", True, True),
        ("Paris", '{"answer": "Paris"}', True, True),
        ("Paris", '{"answer": "Rome"} Paris', False, False),
        ("C", r"\textbf{(C) }42", True, True),
        ("C", r"\boxed{\textbf{(C) }42}", True, True),
        ("C", "The answer is C.", True, True),
        ("C", "The answer is D.", False, False),
        ("J", "Answer: J", True, True),
        ("J", "(I) or (J)", False, False),
        ("C", r"\boxed{C}, no: \boxed{", False, False),
        ("K", "K.", True, True),
        ("x", "x", True, True),
    ],
)
def test_normalised_exact_match(reference: str, text: str, correct: bool, ignoring_case: bool) -> None:
    answer = [Answer("p", reference, text)]
    assert [o.verdict == "correct" for o in outcomes(answer)] == [correct]
    assert [o.verdict == "correct" for o in outcomes(answer, ignore_case=True)] == [ignoring_case]


@pytest.mark.parametrize(
    ("reference", "text", "outcome"),
    [
        ("B", r" so \boxed{(B)} ", Outcome("correct", "B", "boxed")),
        ("B", " B. ", Outcome("correct", "B", "whole")),
        ("B", "The answer is C.", Outcome("incorrect", "C", "whole")),
        ("B", "<answer>B</answer>", Outcome("correct", "B", "marked")),
        ("B", "I can't answer that.", Outcome("unextracted", None)),
        ("B", "Either B or C.", Outcome("unextracted", None)),
        ("B", r"B, so \boxed{", Outcome("unextracted", None)),
        ("B", r"\boxed{42}", Outcome("unextracted", None)),
        ("Paris", r" so \boxed{Paris} ", Outcome("correct", "Paris", "boxed")),
        ("Paris", " Rome ", Outcome("incorrect", "Rome", "whole")),
        ("Paris", r"Paris \boxed{}", Outcome("unextracted", None)),
        ("Paris", "Paris <answer></answer>", Outcome("unextracted", None)),
    ],
)
def test_what_was_compared_is_recorded(reference: str, text: str, outcome: Outcome) -> None:
    """Of a letter's question it is the letter, so that votes for one option are votes for the same."""
    assert list(outcomes([Answer("p", reference, text)])) == [outcome]
