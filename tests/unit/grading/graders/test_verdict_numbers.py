"""Numbers against golden numbers: by value, never by places."""

from __future__ import annotations

import pytest

from snakeval.grading.graders import Task
from snakeval.grading.graders.equivalence import compare

Row = tuple[str, str, bool]

# Numbers: by value. The first rows are those that six places and 1e-15 let pass.
NUMBERS: list[Row] = [
    (r"8.224\times10^{-19}", r"3.1\times10^{-19}", False),
    ("1/2^{98}", "1/2^{99}", False),
    (r"\frac{1}{2^{98}}", r"\frac{1}{2^{99}}", False),
    (r"\frac{1}{2^{98}}", "2^{-98}", True),
    ("0.4", "0.4000004", False),
    ("0.4000004", "0.4", False),
    ("803", "803.0000000000001", True),
    ("21.6", "21.599999999999998", True),
    ("1/3", "0.333333", True),
    ("1/3", "0.3333", False),
    (r"\sqrt{2}", "1.41421", True),
    (r"\sqrt{2}", "1.41422", False),
    (r"\pi", "3.14159", True),
    (r"\pi", "3.14", False),
    ("0.333333", "1/3", True),
    ("2/3", "0.6666666666666666", True),
    ("(1/3, 2)", "(0.333333, 2)", True),
    ("(0.4, 1)", "(0.4000004, 1)", False),
    (r"\begin{pmatrix}0.4\\1\end{pmatrix}", r"\begin{pmatrix}0.4000004\\1\end{pmatrix}", False),
    (r"\begin{pmatrix}0.5\\1\end{pmatrix}", r"\begin{pmatrix}\frac12\\1\end{pmatrix}", True),
    ("3.1e-19x", "8.2e-19x", False),
    (r"8.2\times10^{-19}x", r"3.1\times10^{-19}x", False),
    ("[0.4,1)", "[0.4000001,1)", False),
    ("0.000001234", "0.000001235", False),
    ("1e-9", "2e-9", False),
    ("123456789", "123456788", False),
    ("1.0000001", "1", False),
    ("1", "1.0000001", False),
    ("1e-20", "0", False),
    (r"\frac{1}{3^{50}}", r"\frac{1}{3^{51}}", False),
    ("10^{-30}", "10^{-31}", False),
    ("10^{-30}", r"1\times 10^{-30}", True),
    (r"6.022\times10^{23}", "6.022e23", True),
    (r"6.022\times10^{23}", r"6.02214\times10^{23}", True),
    ("2.5", r"\frac52", True),
    ("0.125", "1/8", True),
    ("0.1", "0.10000000000000001", True),
    ("33.33", "100/3", True),
    ("33.3", "100/3", False),
    ("12.5", "12.46", False),
    ("2^{0.5}", "1.41421356", True),
    (r"\ln 2", "0.693147", True),
    (r"\ln 2", "0.693148", False),
    ("e", "2.71828", True),
    ("100000000000000000001", "100000000000000000000", False),
    ("2^{100}", "1267650600228229401496703205376", True),
    ("2^{100}", "1267650600228229401496703205377", False),
    (r"\frac{1}{7}", "0.142857", True),
    (r"\frac17", "0.142858", False),
    ("-0.5", "0.5", False),
    ("1.50", "1.5", True),
    ("15%", "0.15", True),
    ("(0.000001,2)", "(0.000002,2)", False),
    (r"\{0.1, 0.2\}", r"\{0.2,0.1\}", True),
    ("x=0.4", "x=0.4000004", False),
    ("x>0.4", "x>0.4000004", False),
    (r"(-\infty,0.4)", r"(-\infty,0.4000003)", False),
    ("0.5x+1", r"\frac{x}{2}+1", True),
    ("0.333333x", "x/3", False),
    (r"\sqrt{2}x", "1.41421x", False),
]
# Decimals that go on, as far as their period can be seen.
GOING_ON: list[Row] = [
    ("1/3", "0.333...", True),
    ("0.333...", "1/3", True),
    ("1/3", r"0.333\ldots", True),
    ("1/3", "0.333\u2026", True),
    ("1/6", "0.1666...", True),
    ("4/33", "0.1212...", True),
    ("1", "0.999...", True),
    ("1/3", "0.(3)", True),
    ("1/6", "0.1(6)", True),
    ("1/3", "0.3\u0305", True),
    ("4/33", "0.1\u03052\u0305", True),
    ("0.3", "0.3...", False),
    ("1/3", "0.3...", False),
    ("0.3", "0.333...", False),
    ("3", "3...", False),
    ("3", r"3\ldots", False),
    ("1/7", "0.142857...", False),
    ("1/3", "0.(4)", False),
    ("e^{i\\pi/3}", r"\frac12+\frac{\sqrt3}{2}i", True),
    ("e^{i\\pi/3}", r"\frac12-\frac{\sqrt3}{2}i", False),
    ("1+i", r"\sqrt{2}e^{i\pi/4}", True),
]


@pytest.mark.parametrize(("gold", "answer", "correct"), [*NUMBERS, *GOING_ON])
def test_numbers(gold: str, answer: str, correct: bool) -> None:
    assert (compare(Task(gold, answer, "boxed")).status == "correct") is correct


@pytest.mark.parametrize(
    ("gold", "answer", "correct"),
    [
        ("1", "2, 2", False),
        ("2", "2, 2", True),  # a member that is named twice is one member
        ("9" * 5000, "9" * 5000, True),
        ("9" * 5000, "9" * 4999 + "8", False),  # more digits than int() reads
        ("1e999999999", "1", False),  # a power that would fill the memory
        ("10^{999999999}", "10^{999999998}", False),
        (r"\frac{" * 300 + "1", "1", False),
        ("(" * 3000, "1", False),
        (",".join(map(str, range(200))), ",".join(map(str, range(199, -1, -1))), True),
        (",".join(map(str, range(200))), ",".join(map(str, range(199))), False),
    ],
)
def test_long_and_huge_answers_end(gold: str, answer: str, correct: bool) -> None:
    assert (compare(Task(gold, answer, "boxed")).status == "correct") is correct


@pytest.mark.parametrize(
    ("gold", "answer", "exact", "minerva"),
    [
        (r"8.224 \times 10^{-19}", r"8.3 \times 10^{-19}", False, True),
        (r"8.224 \times 10^{-19}", r"3.1 \times 10^{-19}", False, False),
        ("9.6", "9.60001", False, True),
        ("9.6", "9.7", False, False),
        ("100", "100.0009", False, True),
        ("1e-5", "1.5e-5", False, False),
        ("0", "0.00000001", False, False),
    ],
)
def test_conventions_of_numbers(gold: str, answer: str, exact: bool, minerva: bool) -> None:
    assert (compare(Task(gold, answer, "boxed")).status == "correct") is exact
    assert (compare(Task(gold, answer, "boxed", "minerva")).status == "correct") is minerva
