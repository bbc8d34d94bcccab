from __future__ import annotations

import pytest

from snakeval.answers.extract import Extraction, boxed, extract, is_expression, marked


@pytest.mark.parametrize(
    ("text", "content"),
    [
        (r"So \boxed{42}.", "42"),
        (r"\boxed {42}", "42"),
        (r"\fbox{42}", "42"),
        ("\\boxed\n{ 42 }", "42"),
        (r"\beginboxed{42}", "42"),
        (r"\boxed{1}, no: it is \boxed{2}", "2"),
        (r"\boxed{\frac{1}{2}}", r"\frac{1}{2}"),
        (r"\boxed{\frac{\sqrt{\frac{1}{2}}}{3}} or so", r"\frac{\sqrt{\frac{1}{2}}}{3}"),
        (r"\boxed{\{1, 2\}}", r"\{1, 2\}"),
        (r"\boxed{\left\{ 1 \right.}", r"\left\{ 1 \right."),
        (r"\boxed{\text{a}\\{b}}", r"\text{a}\\{b}"),
        (r"\boxed{\boxed{5}}", "5"),
        (r"\boxed{x = \boxed{5}}", r"x = \boxed{5}"),
        (r"Put it in \boxed{}: \boxed{7}.", "7"),
        (r"\boxed{7} and then \boxed{8", None),
        (r"{ \boxed{7} } }", "7"),
        (r"\boxed{8 { \boxed{7}", "7"),
        (r"$\boxed 5$", "5"),
        (r"$\boxed -5.$", "-5"),
        (r"$\boxed{28}$ percent", r"28\%"),
        (r"\(\boxed{28}\)%", r"28\%"),
        (r"\boxed{28\%} %", r"28\%"),
        (r"\boxed{28} percentiles", "28"),
        ("no box", None),
        (r"\boxed{", None),
        (r"\boxed{}", None),
        ("boxed{3}", None),
        (r"\boxedx{3}", None),
        ("", None),
    ],
)
def test_the_last_balanced_box_is_the_strict_answer(text: str, content: str | None) -> None:
    assert boxed(text) == content


@pytest.mark.parametrize(
    ("text", "content"),
    [
        (r"\boxed{2}, \boxed{3} and \boxed{5}", "2, 3, 5"),
        (r"\[\boxed{(2, 2)}\] or \[\boxed{(6, 2)}\]", "(2, 2), (6, 2)"),
        (r"$\boxed{2} \quad \text{and} \quad \boxed{3}$", "2, 3"),
        (r"$\boxed{2}$, $\boxed{2}$", "2"),
        (r"\boxed{1}: no. \boxed{2}, \boxed{3}", "2, 3"),
        (r"$x = \boxed{2}$ and $x = \boxed{3}$", "2, 3"),
        (r"$y_1 = \boxed{2}, y_{2} = \boxed{3}$", "2, 3"),
        (r"$x = \boxed{2}$. So $n = \boxed{3}$", "3"),
        (r"\boxed{2}. \boxed{3}", "3"),
        (r"The root is \boxed{2}, so the sum is \boxed{3}", "3"),
        (r"\boxed{2}" + " " * 100 + r"\boxed{3}", "3"),
    ],
)
def test_boxes_with_only_separators_between_are_one_answer(text: str, content: str) -> None:
    assert boxed(text) == content


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("He has 5 * 3 = <<5*3=15>>15.\n#### 15", "15"),
        ("#### 1\n#### 1,234 eggs", "1,234 eggs"),
        ("#### $18", "$18"),
        ("#### Step 2: compute\nIt is so.", None),
        ("#### 3\n#### Remarks", "3"),
        ("It costs 3.\nA: 18", "18"),
        ("It costs 3.\nA: -1.8 billion dollars\n", "-1.8 billion dollars"),
        ("**Answer:** 18", "18"),
        ("### Final answer: $x = 2$\n\n", "$x = 2$"),
        ("The final answer: 18", "18"),
        ("A: 1\nB: 2\nWhich one?", None),
        ("The answer is 12. There are others.", "12"),
        ("The answer is x^2 + 1.", "x^2 + 1"),
        ("Thus the answer is **1.5**.", "1.5"),
        ("the answer is 3.\nNo, the answer is:\n 4", "4"),
        ("The answer is the smallest of them.", None),
        ("The answer is $4$.", "4"),
        ("The answers are 4 and 5", None),
        ("42", None),
    ],
)
def test_markers(text: str, answer: str | None) -> None:
    assert marked(text) == answer


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("42", True),
        ("-1 + sqrt(3)", True),
        (r"\frac{3\sqrt{5}}{7}", True),
        (r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", True),
        (r"17\text{ any text}", True),
        ("x = 2 or x = 3", True),
        (r"\$10", True),
        ("74°", True),
        ("AZYUK2A", False),
        ("it is 5", False),
        ("18 dollars", False),
        ("$42$", False),
        (r"\(42\)", False),
        ("Is it 5?", False),
        ("1\n\n2", False),
        ("...", False),
        ("", False),
        ("1" * 501, False),
    ],
)
def test_is_expression(text: str, expected: bool) -> None:
    assert is_expression(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"#### 3 but \boxed{4}", Extraction("4", "boxed")),
        ("It is so.\n#### 3", Extraction("3", "marked")),
        (" 42\n", Extraction("42", "bare")),
        ("I count 42 of them.", None),
    ],
)
def test_the_strict_answer_goes_before_the_flexible_ones(text: str, expected: Extraction | None) -> None:
    assert extract(text) == expected
