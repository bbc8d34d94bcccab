r"""Numbers as they are written, with their exact values, and when two of them are the same answer.

Nothing is rounded by an absolute number of places. In this order, a golden answer and an answer are the same
when

| golden answer | answer | condition |
| --- | --- | --- |
| any | any | their values are equal: `0.5`, `1/2`, `\frac12`, `5\times10^{-1}` |
| any | a float, 15 digits or more | they differ by no more than the representation error of a double |
| exact and no integer | a decimal of six digits or more | it is the golden answer's correct rounding |
| a decimal | longer, or without end | the golden answer is its correct rounding, and has enough digits |

Exact are integers, fractions, roots and the like. Enough digits are three in scientific notation, which is
how measured values are written, four where the answer has no finite decimal (`16.67` for `\frac{50}{3}`),
else six. `minerva` is another convention, by name alone: see there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Convention = Literal["exact", "minerva"]

FLOAT_DIGITS = 15
FLOAT_ERROR = Fraction(1, 2**45)  # some operations on doubles, each with an error of 2^-53
ROUNDED_DIGITS = 6
ENDLESS_DIGITS = 4
MEASURED_DIGITS = 3
# Larger numbers are left to others: int() refuses more than 4,300 digits, powers of ten fill the memory.
LONGEST = 2_000
LARGEST_EXPONENT = 2_000

_GAP = r"(?:,|\{,\}|\\[,;:! ]|[ ~])"
_PLAIN = rf"(?:[1-9]\d{{0,2}}(?:{_GAP}\d{{3}})+(?!\d)|\d+)"
_DECIMAL = rf"(?:{_PLAIN}(?:\.\d*)?|\.\d+)"
_SIGN = r"[-+]?\s*+"
_POWER = r"\^\s*+(?:\{\s*+([-+]?\d{1,9})\s*+\}|([-+]?\d{1,9}))"
_NUMBER = re.compile(rf"({_SIGN})({_DECIMAL})")
_SCIENTIFIC = re.compile(rf"({_SIGN})(?:({_DECIMAL})\s*+(?:\\times|\\cdot|\\ast|\*|x|X)\s*+)?10\s*+{_POWER}")
_DECIMAL_COMMA = re.compile(rf"({_SIGN})0,(\d{{3}})")  # no group of digits begins with 0
_EXPONENT = re.compile(rf"({_SIGN})({_DECIMAL})[eE]([-+]?\d{{1,9}})")
_FRACTION = re.compile(
    rf"({_SIGN})(?:(\d+)\s*+)?\\[dtc]?frac\s*+(?:\{{\s*+({_SIGN}{_DECIMAL})\s*+\}}|(\d))\s*+"
    rf"(?:\{{\s*+({_SIGN}{_DECIMAL})\s*+\}}|(\d))"
)
_SLASHED = re.compile(rf"({_SIGN})({_DECIMAL})\s*+/\s*+({_SIGN}{_DECIMAL})")
_REPEATING = re.compile(
    rf"({_SIGN})(\d*+)\.(\d*+)(?:\\(?:overline|bar)\s*+\{{?\s*+(\d++)\s*+\}}?|\\dot\s*+\{{?\s*+(\d)\s*+\}}?"
    r"|\(\s*+(\d++)\s*+\))(?:\.\.\.|\\l?dots)?"
)
_GOING_ON = re.compile(
    rf"({_SIGN})(\d{{0,20}})\.(\d{{0,20}}?)((\d)\5{{2,40}}|(\d{{2,12}}?)\6{{1,20}})\d{{0,9}}(?:\.\.\.|\\(?:l|c)?dots(?![A-Za-z]))"
)
_NO_DIGITS = re.compile(r"[^\d.]")
_WRAPPED = re.compile(r"\\left\s*\((.*)\\right\s*\)|\((.*)\)")


@dataclass(frozen=True, slots=True)
class Number:
    """A number's value; for decimals the significant digits written, and the last one's power of ten.

    `digits` is None where the number is exact: an integer, a fraction, or `irrational`, whose value is here
    to fifty digits.
    """

    value: Fraction
    digits: int | None = None
    place: int = 0
    scientific: bool = False
    irrational: bool = False

    @property
    def endless(self) -> bool:
        """Whether it has no finite decimal."""
        below = self.value.denominator
        if self.irrational:
            return True
        for prime in (2, 5):
            while below % prime == 0:
                below //= prime
        return below != 1


def read_number(text: str) -> Number | None:
    """The number that a text is, None for any other text and for numbers of thousands of digits."""
    text = text.strip()
    if len(text) > LONGEST or not text:
        return None
    if wrapped := _WRAPPED.fullmatch(text):
        text = (wrapped[1] or wrapped[2] or "").strip()
    for pattern, reader in _READERS:
        if match := pattern.fullmatch(text):
            return reader(match)
    return None


def same_number(gold: Number, answer: Number) -> bool:
    """Whether an answer is the golden number, by the table above."""
    difference = abs(gold.value - answer.value)
    if difference == 0:
        return True
    if not gold.value or not answer.value:
        return False
    if (_is_float(answer) or _is_float(gold)) and difference <= FLOAT_ERROR * abs(gold.value):
        return True
    if gold.digits is None or _is_float(gold):
        whole = gold.value.denominator == 1 and not gold.irrational
        return not whole and (answer.digits or 0) >= ROUNDED_DIGITS and _rounds(difference, answer.place)
    endless = (answer.digits is None and answer.endless) or _is_float(answer)
    if not endless and answer.place >= gold.place:
        return False
    enough = MEASURED_DIGITS if gold.scientific else ENDLESS_DIGITS if endless else ROUNDED_DIGITS
    return gold.digits >= enough and _rounds(difference, gold.place)


def minerva(gold: Number, answer: Number) -> bool:
    """Minerva's test of numbers in OCWCourses, as published with it.

    |n1 - n2| < 1% of their mean where one of them or their difference is next to zero, else numpy's isclose
    (1e-8 + 1e-5 |n2|), on doubles: `numeric_equality` in EleutherAI/lm-evaluation-harness, after Lewkowycz et
    al. 2022 (arXiv 2206.14858), appendix G. Everything of 1e-8 and less is next to zero.
    """
    try:
        n1, n2 = float(answer.value), float(gold.value)
    except OverflowError:
        return same_number(gold, answer)
    if any(abs(value) <= 1e-8 for value in (n1, n2, n1 - n2)):
        return abs(n1 - n2) < 0.01 * (n1 + n2) / 2
    return abs(n1 - n2) <= 1e-8 + 1e-5 * abs(n2)


def from_decimal(text: str) -> Number | None:
    """The number that Python writes so, as in `1.5e-07`."""
    return read_number(text.lower().replace("e+", "e"))


def _is_float(number: Number) -> bool:
    return (number.digits or 0) >= FLOAT_DIGITS


def _rounds(difference: Fraction, place: int) -> bool:
    return 2 * difference <= Fraction(10) ** place


def _decimal(sign: str, digits: str, exponent: int = 0, *, scientific: bool = False) -> Number | None:
    if abs(exponent) > LARGEST_EXPONENT:
        return None
    plain = _NO_DIGITS.sub("", digits)
    whole, point, rest = plain.partition(".")
    if not whole + rest:
        return None
    value = Fraction(int(whole + rest)) * Fraction(10) ** (exponent - len(rest))
    value = -value if "-" in sign else value
    if not point and not scientific:
        return Number(value)
    return Number(value, len((whole + rest).lstrip("0")) or 1, exponent - len(rest), scientific)


def _value(text: str) -> Fraction | None:
    match = _NUMBER.fullmatch(text.strip())
    number = _decimal(match[1], match[2]) if match else None
    return number.value if number else None


def _plain(match: re.Match[str]) -> Number | None:
    return _decimal(match[1], match[2])


def _scientific(match: re.Match[str]) -> Number | None:
    exponent = int(match[3] or match[4])
    if match[2] is None and abs(exponent) <= LARGEST_EXPONENT:  # a power of ten alone is exact
        value = Fraction(10) ** exponent
        return Number(-value if "-" in match[1] else value)
    return _decimal(match[1], match[2] or "1", exponent, scientific=True)


def _exponent(match: re.Match[str]) -> Number | None:
    return _decimal(match[1], match[2], int(match[3]), scientific=True)


def _quotient(sign: str, whole: str | None, above: str, below: str) -> Number | None:
    numerator, denominator = _value(above), _value(below)
    if numerator is None or not denominator:
        return None
    value = int(whole or 0) + numerator / denominator
    return Number(-value if "-" in sign else value)


def _fraction(match: re.Match[str]) -> Number | None:
    return _quotient(match[1], match[2], match[3] or match[4], match[5] or match[6])


def _slashed(match: re.Match[str]) -> Number | None:
    return _quotient(match[1], None, match[2], match[3])


def _repeating(match: re.Match[str]) -> Number | None:
    whole, once, again = match[2] or "0", match[3], match[4] or match[5] or match[6]
    value = Fraction(int(whole + once)) + Fraction(int(again), 10 ** len(again) - 1)
    value /= 10 ** len(once)
    return Number(-value if "-" in match[1] else value)


def _going_on(match: re.Match[str]) -> Number | None:
    """`0.1666...`: what is repeated goes on, and the digits behind its last whole turn begin the next one."""
    again = match[5] or match[6]
    whole, once, shown = (
        match[2] or "0",
        match[3],
        match[0][match.start(4) - match.start() :].rstrip("\\lcdots."),
    )
    if not (again * len(shown)).startswith(shown):
        return None
    value = Fraction(int(whole + once)) + Fraction(int(again), 10 ** len(again) - 1)
    value /= 10 ** len(once)
    return Number(-value if "-" in match[1] else value)


_READERS = (
    (_NUMBER, _plain),
    (_DECIMAL_COMMA, lambda match: _decimal(match[1], f"0.{match[2]}")),
    (_SCIENTIFIC, _scientific),
    (_EXPONENT, _exponent),
    (_FRACTION, _fraction),
    (_SLASHED, _slashed),
    (_REPEATING, _repeating),
    (_GOING_ON, _going_on),
)
