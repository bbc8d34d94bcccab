"""Votes by value: which answers are one, which are several, and at what cost."""

from __future__ import annotations

import pytest

from snakeval.scoring import votes as module
from snakeval.scoring.votes import votes
from snakeval.statistics.passk import maj_at_k

ONE = [
    ["0.5", r"\frac12", "1/2", ".5", "x = 0.5", r"\dfrac{2}{4}"],
    ["1,000", "1000", r"1\,000", "1000.0"],
    ["x^2+2x+1", "(x+1)^2", "1 + 2x + x^2"],
    ["1, 2", "2,1", r"1\text{ and }2", r"\{1, 2\}"],
    ["(1, 2)", r"\left(1,2\right)"],
    ["1/3", "0.333333", "0.3333333333333333", r"1-\frac{2}{3}", r"0.\overline{3}"],
    [r"\sqrt{8}", r"2\sqrt{2}", "2.82843"],
    ["east", r"\text{east}"],
    [r"5\text{ cm}", "5"],
    ["(A)", "A", r"\text{A}", r"\mathbf{A}"],
    [r"\frac{a}{b}", "a/b"],
    ["y = 2x", "2x"],
    [r"\sin^2 x + \cos^2 x", "1"],
    ["2 million", "2000000"],
    [r"28\%", "0.28", "28%"],
    [r"28\%", "28"],
    [r"\pm 2", "2, -2", "-2, 2"],
    [r"\frac{1\pm\sqrt5}{2}", r"\frac{1+\sqrt5}{2}, \frac{1-\sqrt5}{2}"],
    [r"2\pi", "2pi", "2π", "2*pi"],
    [r"\binom{5}{2}", "10", r"\binom52"],
    ["5!", "120"],
    [r"\log_2 8", "3"],
    ["x > 2", "2 < x", r"(2,\infty)"],
    ["[0,1]", r"0\le x\le 1"],
    ["101_2", "101_{2}", "(101)_2"],
    [r"5\text{ or more}", "5 or more"],
    [r"\begin{pmatrix}1\\2\end{pmatrix}", r"\begin{bmatrix}1\\2\end{bmatrix}"],
]
SEVERAL = [
    ["0.4", "0.4000004"],
    ["(1, 2)", "(2, 1)"],
    ["east", "seat"],
    ["2x", "3x"],
    ["a", "A"],
    ["12:30", "2:5"],
    ["120, 240", "120240"],
    [r"8.2\times10^{-19}", r"3.1\times10^{-19}"],
    ["1e999999999", "1e999999998"],
    ["x^2", r"x_2"],
    ["4", r"4\text{ or more}"],
    ["12:30 AM", "12:30 PM"],
    [r"28\%", "2.8"],
    [r"\pm 2", "2", "-2"],
    ["5!", "5"],
    ["x > 2", r"x \ge 2"],
    ["101_2", "101_3", "101"],
    [r"\log_2 8", r"\log_3 8"],
]


@pytest.mark.parametrize("answers", ONE)
def test_spellings_of_one_value(answers: list[str]) -> None:
    assert len(set(votes(answers, [0.0] * len(answers)))) == 1


@pytest.mark.parametrize("answers", SEVERAL)
def test_different_values(answers: list[str]) -> None:
    assert len(set(votes(answers, [0.0] * len(answers)))) == len(answers)


def test_what_equals_the_golden_answer_is_one_answer() -> None:
    found = votes(["f", "g", "h", "h", None], [1, 1, 1, 0, 0])
    assert found[0] == found[1] != found[2] == found[3]
    assert found[4] is None


def test_a_majority_of_values() -> None:
    answers, rewards = ["3", "0.5", r"\frac12", "3", "1/2"], [0.0, 1.0, 1.0, 0.0, 1.0]
    assert maj_at_k([answers], [rewards], 5).tolist() == [0]
    assert maj_at_k([votes(answers, rewards)], [rewards], 5).tolist() == [1]


def test_the_comparisons_grow_with_the_answers_and_not_with_their_square(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared = 0
    alike = module._alike

    def counted(one: module.Value, other: module.Value) -> bool:
        nonlocal compared
        compared += 1
        return alike(one, other)

    monkeypatch.setattr(module, "_alike", counted)
    answers = [f"{n}.5" for n in range(1000)] + [f"x + {n}" for n in range(1000)]
    assert len(set(votes(answers, [0.0] * len(answers)))) == 2000
    assert compared <= 2000 * module.MOST_COMPARED
