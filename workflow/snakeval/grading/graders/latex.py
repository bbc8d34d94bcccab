"""Bring an extracted answer into a form that math-verify reads as what it says.

math-verify takes text outside of math delimiters for prose, of which it picks the last number, and it
multiplies digit groups and the letters of units: `5\\,000` is 5 * 0 to it, `18 dollars` 18 * d * o * l * ...
"""

from __future__ import annotations

import re

_DELIMITER = re.compile(r"(?<!\\)(?:\$|\\[()\[\]])")
_DELIMITED = re.compile(r"(?<!\\)\$|\\\(|\\\[|\\boxed|\\fbox")
_GROUP_GAP = re.compile(r"(?:\\[,;:! ]|\{,\}|[ ~\u00a0\u2009\u202f])")
_GROUPED = re.compile(rf"(?<![\d.,])\d{{1,3}}(?:{_GROUP_GAP.pattern}\d{{3}})+(?!\d)")
_NUMBER = r"[-+]?\\?[$€£]?\s*[-+]?(?:\d[\d,]*(?:\.\d+)?|\.\d+)"
_QUANTITY = re.compile(rf"({_NUMBER})\s+(?=[^=\\]*[^\W\d_]{{3}})[^\W\d_][^=+*^\\\d]*")
_SCIENTIFIC = re.compile(r"([-+]?\d+(?:\.\d+)?)[eE]([-+]?\d+)")
_CODE_ROOT = re.compile(r"\\?\bsqrt\s*\(([^()]*)\)")
_ROOT_SIGN = re.compile(r"√\s*(?:\(([^()]+)\)|(\d+|\w))")
_TEXT = re.compile(
    r"\\(?:text|textbf|textit|textrm|textnormal|mathrm|mathbf|mbox|operatorname)\s*\{([^{}]*)\}"
)
_SPACING = re.compile(r"\\[,;:! ]|\\q?quad\b|\\left\b|\\right\b|[\s$~]")
_DEGREE = re.compile(r"\s*(?:°|\^\s*\{?\s*\\circ\s*\}?)")


def as_latex(answer: str) -> str:
    r"""The answer inside `\boxed{}`, rewritten where needed; one with delimiters of its own as it is."""
    answer = answer.strip()
    if _DELIMITED.search(answer):
        return answer
    return rf"\boxed{{{_rewrite(answer)}}}"


def without_delimiters(answer: str) -> str:
    r"""A box's content without the dollars and such that stand inside the box: `12 $ and $13` is a list."""
    return _DELIMITER.sub(" ", answer)


def _rewrite(answer: str) -> str:
    if not answer.endswith(".."):
        answer = answer.rstrip(".") or answer
    answer = _DEGREE.sub(r"^\\circ", answer)
    answer = _GROUPED.sub(lambda match: _GROUP_GAP.sub("", match[0]), answer)
    if quantity := _QUANTITY.fullmatch(answer):
        return quantity[1]
    if scientific := _SCIENTIFIC.fullmatch(answer):
        return rf"{scientific[1]} \times 10^{{{scientific[2]}}}"
    answer = _CODE_ROOT.sub(r"\\sqrt{\1}", answer.replace("**", "^").removesuffix("\\"))
    return _ROOT_SIGN.sub(lambda match: rf"\sqrt{{{match[1] or match[2]}}}", answer)


def same_text(one: str, other: str) -> bool:
    """Whether two answers are the same but for spacing, fonts, dollar signs and a final full stop."""
    return _plain(one) == _plain(other) != ""


def without_fonts(answer: str) -> str:
    r"""The answer without `\text{}` and its kin around its parts."""
    return _TEXT.sub(r"\1", answer)


def _plain(answer: str) -> str:
    return _SPACING.sub("", without_fonts(answer)).rstrip(".")
