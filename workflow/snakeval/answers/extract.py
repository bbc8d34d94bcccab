"""Find the final answer in a text: strictly, in the form asked for; flexibly, behind a marker or as the text.

A prompt asks for one form: `\\boxed{}`, GSM8K's `#### x`, or "the answer is x". What is found in another way
is reported under its own name, so that a score can be told from one that needed it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from snakeval.answers.boxes import boxed, last_box
from snakeval.answers.markup import in_json, plain, tagged, undelimited

__all__ = [
    "ALTERNATIVE",
    "LONGEST_EXPRESSION",
    "Extraction",
    "Form",
    "How",
    "answer_is",
    "boxed",
    "extract",
    "hashed",
    "is_expression",
    "marked",
    "strict",
]

How = Literal["boxed", "marked", "bare", "searched", "whole"]
Form = Literal["boxed", "hashes", "answer_is"]
# Stands between golden answers of which any one is right.
ALTERNATIVE = "\nor\n"

_HASHES = re.compile(r"(?<![#\\])####(?!#)")
_EMPTY_BOX = re.compile(r"boxed\s{0,9}\{[^{}]*\}")
_AROUND = " \t*_`"
# A heading's number, as in `#### 2. Adding up`.
_NUMBERED = re.compile(
    r"\d{1,2}(?:\.\d{1,2})*\\?[.):]\s{1,9}[*_`(\[]{0,4}[^\W\d]|\d{1,2}(?:\.\d{1,2})+\s{1,9}[^\W\da-z_]"
)
_FINAL_LINE = re.compile(r"[\s*_#>]*(?:A|(?i:(?:the\s+)?(?:final\s+)?answer))[\s*_]*[:=](.+)")
_ANSWER_IS = re.compile(r"\banswer(?:\s+is|\s*:)[\s:*_]*([^\n]{1,500})", re.IGNORECASE)
_MONEY = re.compile(r"\\?[$€£]\s*-?\d[\d.,]*")
_NEGATIVE_MONEY = re.compile(r"\A-\s?\\?[$€£]\s?(?=\d)")
_FULL_STOP = re.compile(r"(?<=\d)\.\Z")
_SPECIAL = re.compile(r"\s{0,9}<(?:/s|\|[\w|]{1,30}|[A-Z_]{3,30})\|?>\s{0,9}\Z")  # such as `</s>`
_SENTENCE_END = re.compile(r"\.(?=\s|$)")
_STARTS_WITH_NUMBER = re.compile(r"\\?[$€£]?\s{0,9}-?\s{0,9}\\?[$€£]?\.?\d")

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
    """The final answer: the last box or tag; else what a marker names; else the text, if one expression.

    Its text is "" where the last box, tag or JSON value is empty or cut off: there is no answer then, and
    none is to be searched for.
    """
    tag = tagged(text)
    if tag is not None and max(text.rfind("boxed"), text.rfind("fbox")) < tag[0]:
        return Extraction(_named(tag[1]), "marked")
    if answer := last_box(text, behind=True):
        return Extraction(answer, "boxed")
    if answer == "":  # an empty box may be what the problem leaves open, with the answer behind it
        empty = _EMPTY_BOX.match(text, text.rfind("boxed"))
        named = marked(text[empty.end() :]) if empty else None
        return Extraction(named or "", "boxed" if named is None else "marked")
    if (answer := marked(text)) is not None:
        return Extraction(answer, "marked")
    whole = plain(text)
    return Extraction(whole, "bare") if is_expression(whole) else None


def _named(content: str) -> str:
    """What a tag's or a JSON value's content names as the answer, else all of it."""
    found = _last_line(content) or answer_is(content)
    return plain(content) if found is None else found


def strict(text: str, forms: Sequence[Form]) -> Extraction | None:
    """The final answer in the first of the forms that is there, None where none is."""
    for form in forms:
        if (answer := _FORMS[form](text)) is not None:
            return Extraction(answer, "boxed" if form == "boxed" else "marked")
    return None


def marked(text: str) -> str | None:
    """What a marker names as the answer, None without one.

    In this order: the last `<answer>x</answer>`; the last `#### x` (GSM8K's form); the last `"answer": x` of
    a JSON object; a last line `A: x`, `Answer: x`, `Final answer: x`; the last "answer is x" or "answer: x"
    whose x, up to the end of its sentence, is an expression.
    """
    if (tag := tagged(text)) is not None:
        return _named(tag[1])
    if (answer := hashed(text)) is not None:
        return answer
    if (answer := in_json(text)) is not None:
        return _named(answer)
    return _last_line(text) or answer_is(text)


def _last_line(text: str) -> str | None:
    line = _FINAL_LINE.match(text.rstrip().rpartition("\n")[2])
    return str(line[1]).strip(_AROUND) if line else None


def hashed(text: str) -> str | None:
    """What stands behind the last `####` that an expression or a number follows, wherever in its line.

    It ends with the line, or with the sentence where it is more than an expression; behind a `####` at the
    end of its line it is the next line, if that is an expression. A heading is no answer, nor is its number.
    """
    following, is_last = "", True
    for line in reversed(text.split("\n")):
        pieces = _HASHES.split(line)
        for number in range(len(pieces) - 1, 0, -1):
            piece = pieces[number].strip(_AROUND)
            if not piece and number == len(pieces) - 1 and is_expression(following):
                return following
            heading = not is_last and number == 1 and not pieces[0].strip(_AROUND)
            if (answer := _behind_hashes(piece, heading)) is not None:
                return answer
        if line.strip():
            following, is_last = line.strip(), False
    return None


def _behind_hashes(piece: str, heading: bool) -> str | None:
    """What a piece of a line names; `heading`: it may be a heading as well."""
    end = len(piece)
    while token := _SPECIAL.search(piece, max(0, end - 50), end):
        end = token.start()
    piece = _FULL_STOP.sub("", _NEGATIVE_MONEY.sub("-", piece[:end]))
    if is_expression(piece):
        return piece
    if _STARTS_WITH_NUMBER.match(piece):
        return None if heading and _NUMBERED.match(piece) else _SENTENCE_END.split(piece, maxsplit=1)[0]
    return _last_line(piece) or answer_is(piece)


def answer_is(text: str) -> str | None:
    """What the last "answer is x" or "answer: x" names, up to the end of its sentence, if an expression.

    Math delimiters around all of it are left out; an amount of money is an expression.
    """
    named = [_SENTENCE_END.split(value, maxsplit=1)[0].strip(_AROUND) for value in _ANSWER_IS.findall(text)]
    named = [undelimited(value) for value in named]
    named = [value for value in named if is_expression(value) or _MONEY.fullmatch(value)]
    return named[-1] if named else None


def is_expression(text: str) -> bool:
    """Whether a text is one formula without words and without math delimiters, such as `x^2 + 1` or `42`."""
    text = text.strip()
    if not text or len(text) > LONGEST_EXPRESSION or "\n\n" in text:
        return False
    rest = _COMMANDS.sub(" ", text)
    return _PROSE.search(rest) is None and re.search(r"\w", text) is not None


_FORMS: dict[Form, Callable[[str], str | None]] = {
    "boxed": lambda text: last_box(text, behind=True),
    "hashes": hashed,
    "answer_is": answer_is,
}
