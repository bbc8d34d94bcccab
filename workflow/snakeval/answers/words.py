"""Answers that are words and no formulas, and numbers whose base is written with them."""

from __future__ import annotations

import re

from snakeval.answers.quantities import quantity
from snakeval.answers.spelling import TEXT, spelled, without_text_boxes

_WORDS = re.compile(r"[^\W\d_]+(?:[\s,.'-]+[^\W\d_]+)*[.!]?")
_BASED = re.compile(
    r"\(?\s*+(?:\\(?:text|mathrm)\s*+\{\s*+)?([0-9A-Za-z]++)\s*+\}?\s*+\)?\s*+_"
    r"\s*+\{?\s*+(?:\\text\s*+\{)?\s*+(\w++)\s*+\}?\s*+\}?"
)
_DIGIT = re.compile(r"\d")
_SHORT = "no on so go do is in it up us we he me my by of to at as an am be or if"
_SHORT_WORDS = frozenset(_SHORT.split())
_NUMERALS = "two three four five six seven eight nine ten eleven twelve"
_BASES = {name: str(base) for base, name in enumerate(_NUMERALS.split(), start=2)}
_MATH_WORDS = frozenset({"pi", "sqrt", "infty", "infinity", "sin", "cos", "tan", "log", "ln", "exp", "frac"})
_COMMAND = re.compile(
    rf"\\(?:begin|end)\s*\{{[^{{}}]*\}}(?:\s*\{{[lcr| ]+\}})?|{TEXT}\s*\{{[^{{}}]*\}}|\\[A-Za-z]+"
)
_BARE_WORD = re.compile(r"(?<![A-Za-z])(?!(?:and|or|sqrt|sin|cos|tan|log|ln|exp|pi)(?![A-Za-z]))[A-Za-z]{3,}")


def is_words(text: str) -> bool:
    """Whether a text is words; two consonants may be a product."""
    plain = without_text_boxes(text).strip()
    if not _WORDS.fullmatch(plain) or plain.lower() in _MATH_WORDS:
        return False
    return len(plain) > 2 or plain.lower() in _SHORT_WORDS


def as_words(text: str) -> str:
    """Words to be compared: without fonts, spacing, case, an article before them, and full stop."""
    words = without_text_boxes(text).casefold().strip(" .!").split()
    return " ".join(words[1:] if len(words) > 1 and words[0] in ("a", "an", "the") else words)


def based(text: str) -> tuple[str, str] | None:
    """A number's digits and its base, as written; None for anything else."""
    match = _BASED.fullmatch(text)
    if not match:
        return None
    base = _BASES.get(match[2].lower(), match[2])
    digits = _DIGIT.search(match[1]) or (base.isdecimal() and int(base) > 10 and len(match[1]) > 1)
    return (match[1].lower(), base) if digits and base.isdecimal() else None


def is_prose(text: str) -> bool:
    """Whether a text says more than a formula or a quantity: words that are no unit of it stand in it."""
    core = quantity(spelled(text)).core
    words = _BARE_WORD.findall(_COMMAND.sub(" ", core))
    return len(words) > 1 and not is_words(core)
