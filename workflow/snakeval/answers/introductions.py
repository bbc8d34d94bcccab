r"""Words that stand before an answer and only say that it comes: `\text{The answer is } 5`."""

from __future__ import annotations

import re

from snakeval.answers.units import QUALIFIERS, UNITS, singular

_BOX = r"\\(?:text(?:bf|it|rm|sf|tt|normal|up)?|mathrm|mathbf|mbox)\s*"
_BEFORE = re.compile(rf"\s*{_BOX}\{{([^{{}}\d]{{2,60}})\}}\s*(?=\S)")
_WHOLE = re.compile(rf"\s*{_BOX}\{{([^{{}}]{{1,120}})\}}\s*\.?\s*")
_WORDS = r"[^\W\d_]+(?:[ '\u2019-]+[^\W\d_]+){0,9}"
_INTRODUCTION = re.compile(
    rf"\s*(?:({_WORDS})\s*:|({_WORDS})\s+(?:is|are|equals)(?:\s*:)?|(so|thus|hence|therefore),)\s*", re.I
)
_WORD = re.compile(r"[^\W\d_]+")
_QUANTITY = re.compile(r"\s*+(-?\s*+\$?\d[\d.,]*(?<=\d)(?:\s*+/\s*+\d+)?)\s*+([^\W\d_][^\d{}]*+)?\.?\s*+")
_MONTH = re.compile(
    r"(?:of\s+)?(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)(?:uary|ruary|ch|il|ust|(?:t|tem|o|em)ber)?\b",
    re.I,
)
_MOST_STEPS = 3


def without_introduction(text: str) -> str:
    r"""The text without words in a text box that introduce it, and with a number that they give before them.

    `\text{Answer: }5` and `\text{The total is 5}` are 5, `\text{18 years}` is `18\text{ years}`. Words that
    change what they introduce (`if`, `not`, `more than`) stay, and so does everything with them.
    """
    for _ in range(_MOST_STEPS):
        before = _BEFORE.match(text)
        if (
            before
            and (introduction := _INTRODUCTION.fullmatch(before[1]))
            and _only_introduces(introduction[0])
        ):
            text = text[before.end() :]
            continue
        whole = _WHOLE.fullmatch(text)
        if whole is None:
            break
        introduction = _INTRODUCTION.match(whole[1])
        rest = whole[1][introduction.end() :] if introduction and _only_introduces(introduction[0]) else ""
        if not rest:
            return _number_first(whole[1]) or text
        text = rf"\text{{{rest}}}"
    return text


def _only_introduces(words: str) -> bool:
    found = [word.lower() for word in _WORD.findall(words)]
    return max(map(len, found)) > 1 and not any(
        word in QUALIFIERS or singular(word) in UNITS for word in found
    )


def _number_first(words: str) -> str | None:
    match = _QUANTITY.fullmatch(words)
    if match is None or (match[2] and _MONTH.match(match[2])):
        return None
    return rf"{match[1].strip()}\text{{ {match[2].strip()}}}" if match[2] else match[1].strip()
