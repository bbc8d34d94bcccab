"""Answers against golden answers: nothing that is written is left out; algebra, relations, percentages."""

from __future__ import annotations

import pytest

from snakeval.answers.extract import extract
from snakeval.grading.graders import Task
from snakeval.grading.graders.equivalence import compare

Row = tuple[str, str, bool]

# Nothing that is written is left out on the way to `correct`.
NOTHING_DROPPED: list[Row] = [
    ("10", r"10\text{ hours } 30\text{ minutes}", False),
    ("30", r"10\text{ hours } 30\text{ minutes}", False),
    ("1.5", r"1.5\text{ million}", False),
    ("1500000", r"1.5\text{ million}", True),
    ("4", r"4\text{ or more}", False),
    (r"10\text{ m}", r"10\text{ cm}", False),
    ("1", r"\begin{cases}1 & x>0\\ 2 & x<0\end{cases}", False),
    ("6", "6m", False),
    ("6m", "6", False),
    ("6m", "6m", True),
    ("2516_{10}", "2516_8", False),
    ("2516_8", "2516_{8}", True),
    ("2516", "2516_8", False),
    ("10", "10 cm^2", True),
    (r"10\text{ cm}", "10", True),
    (r"10\text{ cm}", "10 cm", True),
    (r"10\text{ cm}^2", "10 cm^2", True),
    (r"10\text{ cm}^2", "10 cm", False),
    (r"10\text{ cm}^2", r"10\text{ square centimeters}", True),
    ("3", r"3\text{ dozen}", False),
    ("36", r"3\text{ dozen}", True),
    ("2000000", "2 million", True),
    ("2", "2 million", False),
    ("2.5", r"2.5 \text{ billion}", False),
    ("7", r"7\text{ or }8", False),
    ("7", r"7\text{ if }x>0", False),
    ("7", r"7 \text{ otherwise}", False),
    ("5", r"5\text{ ft } 3\text{ in}", False),
    (r"5\text{ ft } 3\text{ in}", r"5\text{ ft } 3\text{ in}", True),
    ("5", r"5\text{ to }6", False),
    ("5", "5x", False),
    ("5x", "5", False),
    ("5n", "5", False),
    ("3c", "3", False),
    ("3t", "3", False),
    ("3h", "3", False),
    (r"3\,d", "3", False),
    (r"5\text{ kg}", r"5\text{ g}", False),
    (r"5\text{ km/h}", r"5\text{ km}", False),
    (r"5\text{ km/h}", "5", True),
    (r"5\text{ km/h}", r"5\text{ km per hour}", True),
    (r"5\text{ km/h}", r"5\,\frac{\text{km}}{\text{h}}", True),
    (r"5 \text{ meters}", "5 m", True),
    ("5", r"\text{more than }5", False),
    ("5", r"\text{at least } 5", False),
    ("5", r"\text{about }5", False),
    ("101_2", "101_3", False),
    ("101_2", "101_{2}", True),
    (r"101_{\text{two}}", "101_2", True),
    ("101_2", "101", False),
    (r"\begin{cases}1 & x>0\\ 2 & x\le 0\end{cases}", r"\begin{cases}2 & x\le 0\\ 1 & x>0\end{cases}", True),
    (r"\begin{cases}1 & x>0\\ 2 & x\le 0\end{cases}", "1", False),
    (
        r"\begin{cases}1 & \text{if }x>0\\ 2 & \text{otherwise}\end{cases}",
        r"\begin{cases}1, & x>0\\ 2, & \text{otherwise}\end{cases}",
        True,
    ),
    ("12", r"12 \text{ for } n=3", False),
    ("12", "12 + C", False),
    ("x^2+C", "x^2", False),
    ("8", "8 r 1", False),
    ("5", "5 1", False),
    ("51", "5 1", False),
    ("3", "3 (mod 7)", False),
    (r"3 \pmod 7", "3", False),
    ("5", "-5", False),
    ("5", "5!", False),
    ("5", "5'", False),
    ("5", r"5\%x", False),
]
# Words behind a number that are no unit of it.
WORDS_THAT_CHANGE_THE_VALUE: list[Row] = [
    ("5", "5 squared", False),
    ("5", "5 tenths", False),
    ("5", r"5\text{ hundredths}", False),
    ("5", "5 factorial", False),
    ("5", "5 and a half", False),
    ("5", "5 less than x", False),
    ("5", "5 remainder one", False),
    ("5", r"5\text{ negative}", False),
    ("5", "5 square feet", True),
    ("5", "5 feet squared", True),
    (r"5\text{ ft}^2", "5 feet squared", True),
    ("5", r"5\text{ inches}", True),
    (r"5\text{ dollars}", r"5\text{ euros}", False),
    (r"20\text{ minutes}", r"20\text{ hours}", False),
]
# What must not get worse: algebra, relations, percentages, words.
OTHERS: list[Row] = [
    ("x^2+2x+1", "(x+1)^2", True),
    ("x^2-4", "x^2+4", False),
    ("x^2=-1", "x^2=-4", False),
    ("y=2x+3", "2y=4x+6", True),
    ("x^2+y^2=1", "x^2+y^2=2", False),
    (r"28\%", "28", True),
    ("28", r"28\%", True),
    ("0.28", r"28\%", True),
    ("0.5", r"0.5\%", False),
    (r"28.5\%", "28.5", True),
    (r"x\in[-2,7]", r"-2\le x\le 7", True),
    ("x>5", r"(5,\infty)", True),
    (r"\text{(B)}", "B", True),
    ("B", r"\text{B}", True),
    ("5", r"5\text{ apples}", True),
    ("5 apples", "5", True),
    (r"5\text{ apples}", r"5\text{ oranges}", False),
    ("5", "The answer is 5", True),
    (r"\frac{a}{b}", "a/b", True),
    ("xy", "yx", True),
    ("2xy", "2yx", True),
    ("e^{2}", "e^2", True),
    ("5", "5.", True),
    ("1000", "1,000", True),
    ("1000", "1{,}000", True),
    ("3.50", r"\$3.50", True),
    (r"\$3.50", "3.5", True),
    ("3.5", "350 cents", False),
    ("1", r"x=1 \text{ or } x=2", False),
    ("x=1 or x=2", r"x=1 \text{ or } x=2", True),
    ("x=1,2", "x=2,1", True),
    ("f(x)=2x", "2x", True),
    ("y=2x", "2x", True),
    ("2x", "3x", False),
    (r"\log_2 8", "3", True),
    ("2^{10}", "1024", True),
    ("5!", "120", True),
    (r"\binom{5}{2}", "10", True),
    (r"\infty", r"\infty", True),
    (r"-\infty", r"\infty", False),
    (r"\frac{\pi}{2}", r"90^\circ", False),
    ("0", "0.0000001", False),
    ("1e-7", "0", False),
    ("0", "1e-20", False),
]
# What the parser below reads as something else, or half of it.
LETTERS: list[Row] = [
    ("I^2 R", "I R", False),
    ("I_1 R", "I_2 R", False),
    ("I_0^2 R", "R I_0^2", True),
    ("E_0^2", "E_1^2", False),
    (r"\frac{E_0^2}{2m}", r"\dfrac{E_{0}^{2}}{2 m}", True),
    ("e_1+e_2", "e_2+e_1", True),
    ("e_1+e_2", "e_1", False),
    (r"m c^2(\gamma^2-1)", r"m c^2(\gamma^3-1)", False),
    (r"m c^2(\gamma^2-1)", r"(\gamma^2-1) m c^2", True),
    (r"\gamma", "0.577216", False),
    (r"\frac{M}{m}", "1", False),
    (r"\frac{M}{m}", r"\frac{m}{M}", False),
    (r"\frac{M}{m}", "M/m", True),
    (r"\frac{M+m}{M}", r"1+\frac{m}{M}", True),
    (r"\frac{M+m}{M}", "2", False),
    ("A-a", "0", False),
    ("x_A+x_a", "2x_a", False),
    (r"\frac{1}{0}", r"\frac{2}{0}", False),
    ("204_5", r"204_5\text{ million}", False),
    (r"30^\circ", r"{30^\circ}", True),
    (r"\hbar\omega(v+1/2)-\frac{E_0}{2}", r"\hbar\omega(v+1/2)-\dfrac{E_0}{2}", True),
]


@pytest.mark.parametrize(
    ("gold", "answer", "correct"), [*LETTERS, *NOTHING_DROPPED, *WORDS_THAT_CHANGE_THE_VALUE, *OTHERS]
)
def test_values_and_what_stands_with_them(gold: str, answer: str, correct: bool) -> None:
    assert (compare(Task(gold, answer, "boxed")).status == "correct") is correct


@pytest.mark.parametrize(
    ("gold", "text", "correct"),
    [
        ("1.5", r"\boxed{1.5} million", False),
        ("1500000", r"\boxed{1.5} million", True),
        ("1.5", r"$\boxed{1.5}$ million", False),
        ("3", r"$\boxed{3}$ dozen", False),
        ("5", r"\boxed{5}^2", False),
        ("25", r"\boxed{5}^2", True),
        ("(x+1)^2", r"\boxed{x+1}^2", True),
        ("5", r"\boxed{5}x", False),
        ("5x", r"\boxed{5}x", True),
        ("5", r"\boxed{5}\pi", False),
        ("3", r"\boxed{3}\times 10^{5}", False),
        ("300000", r"\boxed{3} \times 10^5", True),
        ("x^2", r"\boxed{x^2} + C", False),
        ("x^2+C", r"\boxed{x^2} + C", True),
        (r"10\text{ m}", r"\boxed{10}\text{ cm}", False),
        (r"10\text{ m}", r"\boxed{10}\text{ meters}", True),
        ("10", r"\boxed{10}\text{ cm}", True),
        ("45", r"\boxed{45}^\circ", True),
        ("5", r"\boxed{5}!", True),
        ("5", r"\boxed{5} is it", True),
        ("5", r"\boxed{5}\text{ is the answer}", True),
        ("5", r"$\boxed{5}$ in all", True),
    ],
)
def test_what_stands_behind_a_box(gold: str, text: str, correct: bool) -> None:
    found = extract(text)
    assert found is not None
    assert (compare(Task(gold, found.text, found.how)).status == "correct") is correct


@pytest.mark.parametrize(
    ("gold", "text", "correct"),
    [
        ("1.5", "So it costs 1.5 million.", False),
        ("1.5", "So it costs 1.5 dollars.", True),
        ("2", r"That makes $2$ thousand.", False),
        ("10", r"$10\text{ hours } 30\text{ minutes}$", False),
        ("10", r"$10\text{ hours}$", True),
        ("0.4", "Hence it is 0.4000004 in all.", False),
        ("803", "Hence it is 803.0000000000001 in all.", True),
        ("p = 5, q = 2; p = 7, q = 2", "$p=5,q=2;p=7,q=2$", True),
        ("p = 5, q = 2; p = 7, q = 3", "$p=5,q=3;p=7,q=2$", False),
    ],
)
def test_what_is_found_in_prose(gold: str, text: str, correct: bool) -> None:
    assert (compare(Task(gold, text, "searched")).status == "correct") is correct
