r"""A quantity is a number or a formula, and what stands with it: its unit, a word of magnitude, other words.

Whatever is cut off here is kept, so that no verdict comes to be by leaving it out: a unit is compared with
the golden answer's, a magnitude multiplies, words that change the meaning (`or more`, `if`) must be the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction

from snakeval.answers.spelling import TEXT, has_function
from snakeval.answers.units import (
    BOXED_ONLY,
    COMPOUND,
    GENERIC,
    MAGNITUDES,
    QUALIFIERS,
    SHAPES,
    UNITS,
    singular,
)

_TOKENS = re.compile(
    rf"(?P<box>{TEXT}\s*\{{[^{{}}]*\}})|(?P<degree>\^\s*(?:\{{\s*\\circ\s*\}}|\\circ(?![A-Za-z])))"
    r"|(?P<power>\^\s*(?:\{\s*-?\d\s*\}|-?\d))|(?P<percent>\\?%)"
    r"|(?P<space>\s+|~|\\[,;:! ]|\\q?quad(?![A-Za-z]))|(?P<dot>\\cdot(?![A-Za-z])|/)"
    r"|(?P<number>\d[\d.,]*)|(?P<command>\\(?:[A-Za-z]+|.))|(?P<word>[^\W\d_]+)|(?P<other>.)",
    re.DOTALL,
)
_CURRENCY = re.compile(r"(-?)\s*(?:\\\$|\$|\\(?:text|mathrm)\s*\{\s*\\?\$\s*\}|([€£¥]))\s*")
_CURRENCIES = {"€": "euro", "£": "pound", "¥": "yen"}
_CELSIUS = re.compile(
    r"\^\s*(?:\{\s*\\circ\s*\}|\\circ)\s*(?:\\(?:text|mathrm)\s*\{\s*([CF])\s*\}|([CF])(?![A-Za-z]))"
)
# `60 km/h` and `10 m/s^2`, whose letters would be variables one by one.
_RATE = re.compile(
    r"(\d\s*)((?:km|cm|mm|m|mi|ft|in|g|kg|L)\s*/\s*(?:hr|h|sec|s|min))(\s*\^\s*(?:\{\s*2\s*\}|2))?\s*\Z"
)
_NUMBER_END = re.compile(r"(?:\d|\.|\})\s*$")
_WORD = re.compile(r"[^\W\d_]+|/")
_DIGIT = re.compile(r"\d")
_Token = tuple[str, str]  # its kind and its text
_TAIL_POWER = re.compile(r"-?\d")


@dataclass(frozen=True, slots=True)
class Quantity:
    """What is counted or measured (`core`, LaTeX), and what stands with it.

    `unit` maps units to powers, `words` are those that change the meaning, or that nobody knows.
    """

    core: str
    unit: dict[str, int] = field(default_factory=dict)
    scale: Fraction = Fraction(1)
    percent: bool = False
    words: tuple[str, ...] = ()


def quantity(text: str) -> Quantity:
    """The parts of a text; nothing of it is lost."""
    text = _CELSIUS.sub(lambda match: rf"\text{{ deg{match[1] or match[2]}}}", text.strip())
    text = _RATE.sub(r"\1\\text{ \2}\3", text)
    currency = ""
    if money := _CURRENCY.match(text):
        currency = _CURRENCIES.get(money[2] or "", "dollar")
        text = money[1] + text[money.end() :]
    core, tail, percent = _cut(text)
    unit, scale, words = _read_tail(tail)
    percent = unit.pop("percent", None) is not None or percent
    if currency:
        unit = {currency: 1, **unit}
    return Quantity(core, unit, scale, percent, words)


def _cut(text: str) -> tuple[str, list[_Token], bool]:
    """The core, the tail's tokens (kind, text), and whether a percent sign ends the core."""
    tokens = [(match.lastgroup or "", match[0]) for match in _TOKENS.finditer(text)]
    anchors = _anchors(tokens)
    functions = has_function(text)
    tail: list[_Token] = []
    unit = False  # whether one stands in the tail
    percent = False
    while tokens:
        kind, value = tokens[-1]
        if kind == "percent":
            percent = True
        elif {"degree": functions, "dot": not unit}.get(kind) or not _is_tail(kind, value, tokens, anchors):
            break
        else:
            tail.append(tokens.pop())
            unit = unit or kind in ("box", "word")
            continue
        tokens.pop()
    while tail and tail[-1][0] in ("dot", "power"):  # they belong to what is left
        tokens.append(tail.pop())
    core = "".join(value for _, value in tokens).strip()
    if not core:
        return text, [], False
    return core, tail[::-1], percent


def _anchors(tokens: list[_Token]) -> list[int]:
    """For each token the last one up to it that is no part of a unit and no word, -1 for none."""
    found: list[int] = []
    for index, (kind, _) in enumerate(tokens):
        inner = kind in ("space", "word", "dot", "power", "box")
        found.append((found[-1] if found else -1) if inner else index)
    return found


def _is_tail(kind: str, value: str, tokens: list[_Token], anchors: list[int]) -> bool:
    if kind in ("space", "degree"):
        return True
    if kind == "box":
        return len(tokens) > 1 and tokens[-2][1] not in ("^", "_") and _is_unit_box(value)
    if kind in ("power", "dot"):
        return _ends_in_unit(tokens, len(tokens) - 1, anchors)
    return kind == "word" and _is_unit_word(value, tokens, len(tokens), anchors)


def _is_unit_box(value: str) -> bool:
    words = _WORD.findall(value.partition("{")[2])
    lone = len(words) == 1 and len(words[0]) == 1
    return not lone or words[0] in UNITS


def _ends_in_unit(tokens: list[_Token], end: int, anchors: list[int]) -> bool:
    """Whether the first `end` tokens end in a unit."""
    solid = [token for token in tokens[max(0, end - 3) : end] if token[0] != "space"]
    if not solid or end < 2:
        return False
    kind, value = solid[-1]
    if kind == "word":
        return _is_unit_word(value, tokens, end, anchors)
    return kind == "box" and _is_unit_box(value)


def _is_unit_word(value: str, tokens: list[_Token], end: int, anchors: list[int]) -> bool:
    """A word of two letters or more that follows a number, other words between them or not."""
    index = anchors[end - 1] if end > 0 else -1
    if index < 0 or not _NUMBER_END.search(tokens[index][1]):
        return False
    spaced = index + 1 < end and tokens[index + 1][0] == "space"
    name = value if value in UNITS else value.lower().removesuffix("s")
    if len(value) < 2:
        return False
    if name in UNITS or value.lower() in UNITS:
        return spaced or value not in BOXED_ONLY
    return spaced and (len(value) >= 3 or value.lower() in QUALIFIERS or value.lower() in SHAPES)


def _read_tail(tail: list[_Token]) -> tuple[dict[str, int], Fraction, tuple[str, ...]]:
    unit: dict[str, int] = {}
    scale, sign, shape = Fraction(1), 1, 1
    words: list[str] = []
    last: list[str] = []
    for kind, value in tail:
        if kind == "power":
            power = int((_TAIL_POWER.search(value) or [value])[0])
            for last_unit in set(last[-1:]) & set(unit):
                unit[last_unit] *= power
            continue
        if kind == "degree":
            unit["degree"] = 1
            continue
        if kind == "dot":
            sign = -sign if value == "/" else sign
            continue
        content = value.partition("{")[2].removesuffix("}") if kind == "box" else value
        if _DIGIT.search(content):
            words.append(content.strip())
            continue
        for word in _WORD.findall(content):
            lower = word.lower()
            name = singular(word)
            if word == "/" or lower == "per":
                sign = -1
            elif lower in MAGNITUDES or name in MAGNITUDES:
                scale *= MAGNITUDES.get(lower, MAGNITUDES.get(name, 1))
            elif lower in QUALIFIERS or name in QUALIFIERS or (lower in ("squared", "cubed") and not last):
                words.append(lower)
            elif lower in SHAPES:
                shape = SHAPES[lower]
                if lower.endswith("d") and last and last[-1] in unit:
                    unit[last[-1]] *= shape
                    shape = 1
            elif name not in GENERIC:
                for part, power in COMPOUND.get(name, {name: 1}).items():
                    unit[part] = unit.get(part, 0) + sign * shape * power
                last, shape = [name], 1
    return unit, scale, tuple(words)


def same_unit(gold: Quantity, answer: Quantity) -> bool:
    """Whether nothing that stands with the answer says otherwise than what stands with the golden one.

    A unit may be missing on either side. Words beside known units must be the same; of things that are
    counted (`5 apples`, `5 red apples`) one side may say more.
    """
    if gold.words != answer.words:
        return False
    if not gold.unit or not answer.unit or gold.unit == answer.unit:
        return True
    known = frozenset(UNITS.values())
    if any(name in known for name in gold.unit | answer.unit):
        return False
    return gold.unit.items() <= answer.unit.items() or answer.unit.items() <= gold.unit.items()
