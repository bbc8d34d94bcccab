from __future__ import annotations

import pytest

from snakeval.grading.graders.latex import as_latex, same_text, without_delimiters


@pytest.mark.parametrize(
    ("answer", "latex"),
    [
        ("42", r"\boxed{42}"),
        (" 42.\n", r"\boxed{42}"),
        ("$42$", "$42$"),
        (r"\(42\)", r"\(42\)"),
        (r"\boxed{42}", r"\boxed{42}"),
        (r"\$10", r"\boxed{\$10}"),
        (r"5\,000", r"\boxed{5000}"),
        ("12{,}345{,}678", r"\boxed{12345678}"),
        ("1 000", r"\boxed{1000}"),
        ("1 2", r"\boxed{1 2}"),
        ("7,425,000", r"\boxed{7,425,000}"),
        ("18 dollars", r"\boxed{18}"),
        ("1,000,000 dollars", r"\boxed{1,000,000}"),
        ("5 years old", r"\boxed{5}"),
        ("12 and 13", r"\boxed{12 and 13}"),
        ("3 x", r"\boxed{3 x}"),
        ("1e-3", r"\boxed{1 \times 10^{-3}}"),
        ("2**10", r"\boxed{2^10}"),
        ("-1 + sqrt(3)", r"\boxed{-1 + \sqrt{3}}"),
        (r"\sqrt(3)", r"\boxed{\sqrt{3}}"),
        ("3√2", r"\boxed{3\sqrt{2}}"),
        ("√(x+1)", r"\boxed{\sqrt{x+1}}"),
        ("74°", r"\boxed{74^\circ}"),
        ("185\\", r"\boxed{185}"),
        ("0.333...", r"\boxed{0.333...}"),
    ],
)
def test_as_latex(answer: str, latex: str) -> None:
    assert as_latex(answer) == latex


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("No solution", r"\text{No solution}", True),
        (r"\frac{1}{2}", r"$ \frac {1} {2} $.", True),
        (r"\left(1, 2\right)", "(1,2)", True),
        ("f'", "f'", True),
        ("No solution", "no solution", False),
        ("12", "1", False),
        ("", "", False),
    ],
)
def test_same_text(one: str, other: str, same: bool) -> None:
    assert same_text(one, other) is same


def test_delimiters_inside_a_box_are_dropped_and_dollars_kept() -> None:
    assert without_delimiters(r"12 $ and \(13\)").split() == ["12", "and", "13"]
    assert without_delimiters(r"\$5") == r"\$5"
