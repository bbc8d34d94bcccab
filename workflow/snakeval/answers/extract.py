"""Find the final answer in a text: strictly, in the form asked for; flexibly, behind a marker or as the text.

A prompt asks for one form: `\\boxed{}`, GSM8K's `#### x`, or "the answer is x". What is found in another way
is reported under its own name, so that a score can be told from one that needed it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

How = Literal["boxed", "marked", "bare", "searched", "whole"]
Form = Literal["boxed", "hashes", "answer_is"]
# Stands between golden answers of which any one is right.
ALTERNATIVE = "\nor\n"

_BOX = re.compile(r"\\(?:begin)?(?:boxed|fbox)\s*\{|\\.|[{}]", re.DOTALL)
_FIRST_BOX = re.compile(r"\\(?:begin)?(?:boxed|fbox)\s*\{")
_UNBRACED_BOX = re.compile(r"\\boxed\s+([-+]?\w[\w.,/]*)")
_PERCENT = re.compile(r"\s*(?:\$|\\[)\]])?\s*(?:\\?%|percent(?:age)?\b|pct\b)", re.IGNORECASE)
_BETWEEN_BOXES = re.compile(
    r"(?:[\s,;$&~*]|\\[\s,;:!()\[\]]|\\q?quad\b|\b(?:and|or)\b|\\(?:text|textrm|mathrm)\{[\s,;]*(?:and|or)?[\s,;]*\}"
    r"|\b[A-Za-z](?:_\{?\w{1,3}\}?)?\s*=)*"
)
_LONGEST_GAP = 60

_HASHES = re.compile(r"^[ \t]*####[ \t]*(.+)$", re.MULTILINE)
_FINAL_LINE = re.compile(r"[\s*_#>]*(?:A|(?i:(?:the\s+)?(?:final\s+)?answer))[\s*_]*[:=](.+)")
_ANSWER_IS = re.compile(r"\banswer(?:\s+is|\s*:)[\s:*_]*([^\n]{1,500})", re.IGNORECASE)
_DELIMITED = re.compile(r"(?:\$+|\\[(\[])\s*(.+?)\s*(?:\$+|\\[)\]])")
_MONEY = re.compile(r"\\?[$€£]\s*-?\d[\d.,]*")
_SENTENCE_END = re.compile(r"\.(?=\s|$)")
_STARTS_WITH_NUMBER = re.compile(r"\\?[$€£]?\s*-?\s*\\?[$€£]?\.?\d")

_COMMANDS = re.compile(
    r"\\(?:begin|end)\{\w+\*?\}|\\(?:text|textbf|textit|textrm|mathrm|mathbf|mbox|operatorname)\{[^{}]*\}|\\[A-Za-z]+"
    r"|\b(?:sqrt|sin|cos|tan|log|exp|and|or)\b"
)
_PROSE = re.compile(
    r"[^\W\d_]{3,}|\b(?:am|as|at|be|by|do|he|if|in|is|it|me|my|no|of|on|so|to|up|us|we)\b|(?<!\\)[$?]|\\[()\[\]]",
    re.IGNORECASE,
)
LONGEST_EXPRESSION = 500


@dataclass(frozen=True, slots=True)
class Extraction:
    """An answer as it stands in the text, and how it was found."""

    text: str
    how: How


def extract(text: str) -> Extraction | None:
    """The final answer: the last box; else what a marker names; else the text, if it is one expression."""
    if (answer := boxed(text)) is not None:
        return Extraction(answer, "boxed")
    if (answer := marked(text)) is not None:
        return Extraction(answer, "marked")
    if is_expression(text):
        return Extraction(text.strip(), "bare")
    return None


def strict(text: str, forms: Sequence[Form]) -> Extraction | None:
    """The final answer in the first of the forms that is there, None where none is."""
    for form in forms:
        if (answer := _FORMS[form](text)) is not None:
            return Extraction(answer, "boxed" if form == "boxed" else "marked")
    return None


def boxed(text: str) -> str | None:
    r"""Content of the last balanced, not empty `\boxed{...}` or `\fbox{...}`; None if there is none.

    Boxes that only separators stand between are one answer and are joined by commas, as in
    `\boxed{2} and \boxed{3}` or `x = \boxed{2}, y = \boxed{3}`. A percent sign behind the box belongs to
    the answer. Takes time proportional to the text's length, whatever it holds.
    """
    boxes = _boxes(text)
    if not boxes:
        unbraced = _UNBRACED_BOX.findall(text)
        return str(unbraced[-1]).rstrip(".,") if unbraced else None
    run = [boxes.pop()]
    while boxes and _is_separator(text[boxes[-1].end : run[0].start]):
        run.insert(0, boxes.pop())
    parts = dict.fromkeys(box.content for box in run)
    answer = ", ".join(parts)
    percent = _PERCENT.match(text, run[-1].end)
    return answer + r"\%" if percent and not answer.endswith("%") else answer


@dataclass(frozen=True, slots=True)
class _Box:
    start: int
    end: int
    content: str


def _boxes(text: str) -> list[_Box]:
    """The outermost balanced boxes with some content, in the text's order."""
    found: list[_Box] = []
    opened: list[re.Match[str]] = []
    first = _FIRST_BOX.search(text)
    for token in _BOX.finditer(text, first.start()) if first else ():
        if token[0] == "}":
            opening = opened.pop() if opened else None
            if opening is None or opening[0] == "{":
                continue
            content = text[opening.end() : token.start()].strip()
            if not content:
                continue
            inner: _Box | None = None
            while found and found[-1].start > opening.start():
                inner = found.pop()
            if inner and content == text[inner.start : inner.end]:
                content = inner.content
            found.append(_Box(opening.start(), token.end(), content))
        elif token[0].endswith("{") and token[0] != r"\{":
            opened.append(token)
    return found


def _is_separator(gap: str) -> bool:
    return len(gap) <= _LONGEST_GAP and _BETWEEN_BOXES.fullmatch(gap) is not None


def marked(text: str) -> str | None:
    """What a marker names as the answer, None without one.

    In this order: the last line `#### x` that holds an expression or starts with a number (GSM8K's form; a
    heading is neither); a last line `A: x`, `Answer: x`, `Final answer: x`; the last "answer is x" or
    "answer: x" whose x, up to the end of its sentence, is an expression.
    """
    if (answer := hashed(text)) is not None:
        return answer
    if line := _FINAL_LINE.match(text.rstrip().rpartition("\n")[2]):
        return str(line[1]).strip(" \t*_")
    return answer_is(text)


def hashed(text: str) -> str | None:
    """What stands behind the last `####` that an expression or a number follows."""
    found = [value.strip() for value in _HASHES.findall(text)]
    found = [value for value in found if is_expression(value) or _STARTS_WITH_NUMBER.match(value)]
    return found[-1] if found else None


def answer_is(text: str) -> str | None:
    """What the last "answer is x" or "answer: x" names, up to the end of its sentence, if an expression.

    Math delimiters around all of it are left out; an amount of money is an expression.
    """
    named = [_SENTENCE_END.split(value, maxsplit=1)[0].strip(" \t*_") for value in _ANSWER_IS.findall(text)]
    named = [delimited[1] if (delimited := _DELIMITED.fullmatch(value)) else value for value in named]
    named = [value for value in named if is_expression(value) or _MONEY.fullmatch(value)]
    return named[-1] if named else None


def is_expression(text: str) -> bool:
    """Whether a text is one formula without words and without math delimiters, such as `x^2 + 1` or `42`."""
    text = text.strip()
    if not text or len(text) > LONGEST_EXPRESSION or "\n\n" in text:
        return False
    rest = _COMMANDS.sub(" ", text)
    return _PROSE.search(rest) is None and re.search(r"\w", text) is not None


_FORMS: dict[Form, Callable[[str], str | None]] = {"boxed": boxed, "hashes": hashed, "answer_is": answer_is}
