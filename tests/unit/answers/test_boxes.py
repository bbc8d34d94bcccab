"""What the last box of a text holds: boxes that are cut off or empty, and signs before them."""

from __future__ import annotations

import pytest

from snakeval.answers.boxes import boxed, last_box
from snakeval.answers.extract import Extraction, Form, extract, strict
from snakeval.grading.graders import Answer, Task
from snakeval.grading.graders.equivalence import compare
from snakeval.grading.graders.math import outcomes

# The text's last box was never closed or holds nothing: what an earlier one holds is no answer.
NO_ANSWER = [
    r"\boxed{5} ... but it is \boxed{",
    r"\boxed{5}, no: \boxed{12",
    r"\boxed{5}, no: \boxed{\frac{1}{2}",
    r"\boxed{5}, no: \boxed{\text{about }",
    r"\boxed{5}, no: \fbox{",
    r"\boxed{5}, no: \boxed",
    "\\boxed{5}, no: \\boxed\n",
    r"\boxed{5}, no: \box",
    r"\boxed{5} or rather \boxed{}",
    r"\boxed{5} or rather \boxed{ }",
    r"\boxed{5} or rather \boxed{\quad}",
    r"\boxed{5}. I have put it in \boxed{...}.",
    r"\boxed{5}. I have put it in \boxed{\ldots}.",
    r"\boxed{5} and \boxed{?}",
    r"\boxed{5} and \boxed{\boxed{}}",
    r"\boxed{5} and \boxed{\text{ }}",
    r"\boxed{",
    r"\boxed{}",
    "The answer is 5, so $\\boxed{",
]
# What an earlier box lacks does not matter where the last one is whole.
ANSWER: list[tuple[str, str | None]] = [
    (r"Put it in \boxed{}. It is \boxed{5}", "5"),
    (r"\boxed{8 { \boxed{7}", "7"),
    (r"\boxed{4, no: \boxed{5}", "5"),
    (r"\boxed{\emptyset}", r"\emptyset"),
    (r"\boxed{0}", "0"),
    (r"\boxed{5}. {", "5"),
    (r"\boxed{5}. Write \{ for a set.", "5"),
    ("I use a box", None),
    (r"a \bo", None),
]
SIGNS: list[tuple[str, str | None]] = [
    (r"-\boxed{5}", "-5"),
    (r"$-\boxed{5}$", "-5"),
    (r"x = -\boxed{5}", "-5"),
    (r"$x = - \boxed{5}$", "-5"),
    (r"\[ -\boxed{5} \]", "-5"),
    (r"The answer is -\boxed{5}.", "-5"),
    (r"The answer is -$\boxed{5}$.", "-5"),
    (r"**-\boxed{5}**", "-5"),
    ("\u2212\\boxed{5}", "-5"),
    (r"\Rightarrow -\boxed{5}", "-5"),
    (r"-\boxed{\frac{1}{2}}", r"-\frac{1}{2}"),
    (r"-\boxed{x+1}", "-(x+1)"),
    (r"\boxed{-\boxed{5}}", "-5"),
    (r"x = \pm\boxed{5}", r"\pm 5"),
    (r"$x = -\boxed{2}$ or $x = -\boxed{3}$", "-2, -3"),
    (r"-\boxed 5", "-5"),
    # a bullet, a dash, an operator between two operands
    ("Result:\n- \\boxed{5}", "5"),
    (r"- \boxed{5}", "5"),
    (r"The answer is - \boxed{5}", "5"),
    (r"10 - \boxed{5} = 5", "5"),
    (r"10-\boxed{5}", "5"),
    (r"x-\boxed{5}", "5"),
    (r"f(x) -\boxed{5}", "5"),
    (r"\frac{1}{2}-\boxed{5}", "5"),
    (r"3 \pm \boxed{5}", "5"),
    (r"\pi -\boxed{5}", "5"),
    (r"well-\boxed{5}", "5"),
]


@pytest.mark.parametrize("text", NO_ANSWER)
def test_a_cut_or_empty_last_box_is_no_answer(text: str) -> None:
    assert (last_box(text), boxed(text)) == ("", None)
    assert extract(text) == Extraction("", "boxed")
    forms: list[Form] = ["boxed", "answer_is"]
    assert strict(text, forms) == Extraction("", "boxed")


@pytest.mark.parametrize(("text", "content"), ANSWER + SIGNS)
def test_the_last_box(text: str, content: str | None) -> None:
    assert last_box(text) == boxed(text) == content


def test_no_answer_is_unextracted_though_an_expression_could_be_found() -> None:
    assert compare(Task("5", "", "boxed")).status == "unextracted"
    texts = [r"It is 5: \boxed{5}, I mean \boxed{", r"-\boxed{5}", r"$5 = -$\boxed{-5}"]
    found = list(outcomes([Answer("p", "5", text) for text in texts], 60, 1))
    assert [(each.verdict, each.extracted) for each in found] == [
        ("unextracted", None),
        ("incorrect", "-5"),
        ("correct", "-(-5)"),
    ]


def test_an_empty_box_that_a_marker_follows_is_what_the_problem_left_open() -> None:
    assert extract("so 2 + 3 = \\boxed{?} is filled. #### 5") == Extraction("5", "marked")
    assert extract("\\boxed{?} <answer>5</answer>") == Extraction("5", "marked")
