from __future__ import annotations

import pytest

from snakeval.answers.extract import How
from snakeval.grading.graders import Result, Task
from snakeval.grading.graders.equivalence import compare


@pytest.mark.parametrize(
    ("reference", "answer", "correct"),
    [
        ("42", "42", True),
        ("42", "43", False),
        ("0.5", r"\frac{1}{2}", True),
        ("15000", r"\$15,\!000", True),
        ("5000", r"5\,000", True),
        ("0", r"5\,000", False),
        ("10", r"10\text{ cm}", True),
        ("18", "18 dollars", True),
        ("28\\%", "28 percent", True),
        ("0.335", r"33.5\%", True),
        (r"\$36", "36", True),
        (r"\frac{1}{s+a}" + "\n", r"\frac{1}{a+s}", True),
        ("{1,2,3}", r"\{3, 1, 2\}", True),
        ("2, 3", "3, 2", True),
        ("(2, 3)", "(3, 2)", False),
        ("[0, 1)", "[0,1)", True),
        ("[0, 1)", "[0, 1]", False),
        (r"(-\infty, -8) \cup (8, \infty)", r"(8,\infty)\cup(-\infty,-8)", True),
        ("x = 5", "5", True),
        (r"\text{Evelyn}", "Evelyn", True),
        ("12, 13", "12 $ and $13", True),
        ("x^2 + 2x + 1", "(x+1)^2", True),
        ("2**(1/4)", r"\sqrt{\sqrt{2}}", True),
        ("He pays 3 * 6 = <<3*6=18>>18.\n#### 18", "18", True),
        ("$125$ miles", "125", True),
        (r"so it is $\boxed{14{,}916}$ then", "14916", True),
        ("5", "5.001", False),
    ],
)
def test_a_boxed_answer_against_its_reference(reference: str, answer: str, correct: bool) -> None:
    assert compare(Task(reference, answer, "boxed")) == Result(
        "correct" if correct else "incorrect", answer, "boxed"
    )


@pytest.mark.parametrize(
    ("how", "answer", "extracted", "status"),
    [
        ("searched", "It costs 3 and then 18 dollars", "18", "correct"),
        ("searched", r"We get $\frac{36}{2}$.", r"\frac{36}{2}", "correct"),
        ("searched", "It costs <<9*2=18>> 17", "17", "incorrect"),
        ("searched", "I do not know.", None, "unextracted"),
        ("marked", "18 dollars each", "18 dollars each", "correct"),
        ("marked", "none of these", None, "unextracted"),
        ("bare", "17 + 1", "17 + 1", "correct"),
    ],
)
def test_flexible_answers(how: How, answer: str, extracted: str | None, status: str) -> None:
    result = compare(Task("18", answer, how))
    assert (result.status, result.extracted) == (status, extracted)
    assert result.how == (None if status == "unextracted" else how)


@pytest.mark.parametrize("reference", ["", "  ", "$$"])
def test_a_reference_in_which_nothing_can_be_read_is_told_apart(reference: str) -> None:
    assert compare(Task(reference, "5", "boxed")).status == "unreadable_reference"
    assert compare(Task(reference, None, "boxed")).status == "unreadable_reference"


def test_a_reference_that_is_no_expression_is_compared_as_text_and_said_so() -> None:
    assert compare(Task("t(0,4]", "t(0, 4]", "boxed")).status == "correct"
    assert compare(Task("t(0,4]", "5", "boxed")) == Result("incorrect", "5", "boxed", textual=True)


def test_the_reference_alone() -> None:
    assert compare(Task("5", None, "boxed")) == Result("unextracted", None, None)
