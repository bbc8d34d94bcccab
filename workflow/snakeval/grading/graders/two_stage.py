"""Make math-verify's LaTeX parser several times as fast, with the same results.

ANTLR's Python runtime spends most of a parse predicting with full context (mode LL). Predicting without
it first (mode SLL) is the two-stage strategy that ANTLR 4 documents at PredictionMode.SLL: its tree is
LL's, or else there is a syntax error, after which LL decides. latex2sympy2_extended does not use it.
tests/golden/test_parsing.py compares both on the answers of published benchmarks.
"""

from __future__ import annotations

from typing import Any

from antlr4.atn.PredictionMode import PredictionMode  # type: ignore[import-untyped]
from latex2sympy2_extended import latex2sympy2

_create_parser = latex2sympy2._Latex2Sympy.create_parser
_parse = latex2sympy2._Latex2Sympy.parse


def install() -> None:
    """Have this process parse in two stages from now on."""
    latex2sympy2._Latex2Sympy.create_parser = _create_parser_without_context
    latex2sympy2._Latex2Sympy.parse = _parse_in_two_stages


def uninstall() -> None:
    """Have this process parse as latex2sympy2_extended does by itself."""
    latex2sympy2._Latex2Sympy.create_parser = _create_parser
    latex2sympy2._Latex2Sympy.parse = _parse


def _create_parser_without_context(converter: Any, latex: str) -> Any:
    parser = _create_parser(converter, latex)
    if not getattr(converter, "with_context", False):
        parser._interp.predictionMode = PredictionMode.SLL
    return parser


def _parse_in_two_stages(converter: Any, latex: str) -> Any:
    try:
        return _parse(converter, latex)
    except Exception:
        converter.with_context = True
        return _parse(converter, latex)
