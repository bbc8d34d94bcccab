"""Bring an extracted answer into a form that math-verify reads as what it says.

math-verify takes text outside of math delimiters for prose, of which it picks the last number, and it
multiplies digit groups and the letters of units: `5\\,000` is 5 * 0 to it, `18 dollars` 18 * d * o * l * ...
"""

from __future__ import annotations

import re

from snakeval.answers.spelling import rewritten

_DELIMITER = re.compile(r"(?<!\\)(?:\$|\\[()\[\]])")
_DELIMITED = re.compile(r"(?<!\\)\$|\\\(|\\\[|\\boxed|\\fbox")
_NUMBER = r"[-+]?\\?[$€£]?\s*[-+]?(?:\d[\d,]*(?:\.\d+)?|\.\d+)"
_QUANTITY = re.compile(rf"({_NUMBER})\s++(?=[^=\\]*[^\W\d_]{{3}})[^\W\d_][^=+*^\\\d]*")
_TEXT = re.compile(
    r"\\(?:text|textbf|textit|textrm|textnormal|mathrm|mathbf|mbox|operatorname)\s*\{([^{}]*)\}"
)
_BETWEEN_DIGITS = re.compile(r"(?<=\d)\s+(?=\d)")
_SPACING = re.compile(r"\\[,;:! ]|\\q?quad\b|\\left\b|\\right\b|[\s$~]")
_DISPLAYED = re.compile(r"\\[dtc]frac(?![A-Za-z])")
_ALL_DELIMITED = re.compile(r"\$\$?([^$]+)\$\$?\.?|\\\((.+)\\\)\.?|\\\[(.+)\\\]\.?", re.DOTALL)


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
    answer = rewritten(answer)
    quantity = _QUANTITY.fullmatch(answer)
    return quantity[1] if quantity else answer


def whole_formula(text: str) -> str | None:
    """What a text holds between delimiters that stand around all of it, None where there is more."""
    match = _ALL_DELIMITED.fullmatch(text.strip())
    content = (match[1] or match[2] or match[3]).strip() if match else ""
    return content if content and not _DELIMITED.search(content) else None


def same_text(one: str, other: str) -> bool:
    """Whether two answers are the same but for spacing, fonts, dollar signs and a final full stop."""
    return _plain(one) == _plain(other) != ""


def without_fonts(answer: str) -> str:
    r"""The answer without `\text{}` and its kin around its parts."""
    return _TEXT.sub(r"\1", answer)


def _plain(answer: str) -> str:
    """Spaces between digits are seen: `5 1` is not `51`; so are the dots of what goes on, as `3...`."""
    answer = _DISPLAYED.sub(r"\\frac", answer)
    plain = _SPACING.sub("", _BETWEEN_DIGITS.sub("_", without_fonts(answer).strip()))
    return plain if plain.endswith("..") else plain.removesuffix(".")
