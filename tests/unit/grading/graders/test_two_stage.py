from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from antlr4.atn.PredictionMode import PredictionMode  # type: ignore[import-untyped]
from latex2sympy2_extended import latex2sympy2
from math_verify import parse, parser

from snakeval.grading.graders import two_stage

ANSWERS = [
    "42",
    r"\frac{1}{2}",
    r"\left(3, \frac{\pi}{2}\right)",
    r"(-\infty, -8) \cup [8, \infty)",
    r"\{1, -2, 3\}",
    "x^2 + 2x + 1 = 0",
    r"f(2) < f(1) < f(4)",
    r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
    r"1 \pm \sqrt{19}",
    r"|x - 3| \le 2",
    r"AB = 4, CD = 5",
    r"t(0,4]",
    r"\frac{1}{",
    r"0.\overline{3}",
]


@pytest.fixture(autouse=True)
def _installed_afterwards() -> Iterator[None]:
    yield
    two_stage.install()


@pytest.mark.parametrize("answer", ANSWERS)
def test_both_ways_of_parsing_agree(answer: str) -> None:
    text = rf"so $\boxed{{{answer}}}$."
    two_stage.uninstall()
    expected = [repr(value) for value in _uncached(text)]
    two_stage.install()
    assert [repr(value) for value in _uncached(text)] == expected


def _uncached(text: str) -> list[Any]:
    parser.parse_latex_cached.cache_clear()
    parser.extract_latex.cache_clear()
    return list(parse(text, parsing_timeout=None))


def test_the_second_stage_runs_only_after_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    modes: list[int] = []

    def note(converter: Any, latex: str) -> str:
        modes.append(converter.create_parser(latex)._interp.predictionMode)
        if latex == "bad":
            raise ValueError(latex)
        return latex

    monkeypatch.setattr(two_stage, "_parse", note)
    two_stage.install()
    assert latex2sympy2._Latex2Sympy().parse("good") == "good"
    with pytest.raises(ValueError, match="bad"):
        latex2sympy2._Latex2Sympy().parse("bad")
    assert modes == [PredictionMode.SLL, PredictionMode.SLL, PredictionMode.LL]
