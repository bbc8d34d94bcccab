r"""Inequalities of one variable as the intervals that they are: `x < 1 \text{ or } x \ge 2`."""

from __future__ import annotations

import re

_OR = re.compile(
    r"\\(?:text|mathrm|mbox)\s*\{[\s,]*or[\s,]*\}|(?<![A-Za-z\\])or(?![A-Za-z])|\\(?:lor|vee)(?![A-Za-z])"
)
_SIGN = r"(<=|>=|<|>|\\(?:leqslant|geqslant|leq?|geq?|lt|gt)(?![A-Za-z]))"
_VALUE = r"([^<>=\s][^<>=]{0,59}?)"
_SIMPLE = re.compile(rf"\s*+(?:([A-Za-z])\s*+{_SIGN}\s*+{_VALUE}|{_VALUE}\s*+{_SIGN}\s*+([A-Za-z]))\s*+")
_BOTH = re.compile(rf"\s*+{_VALUE}\s*+{_SIGN}\s*+([A-Za-z])\s*+{_SIGN}\s*+{_VALUE}\s*+")
_INEQUALITY = re.compile(r"\\(?:le|ge|lt|gt|ne)")
_LESS = ("<", r"\l")


def as_union(text: str) -> str | None:
    r"""The union of the intervals of inequalities joined by "or"; None for any other text."""
    parts = _OR.split(text)
    if len(parts) < 2:
        return None
    found = [_interval(part.strip(" ,;")) for part in parts]
    variables = {each[0] for each in found if each}
    return r" \cup ".join(each[1] for each in found if each) if all(found) and len(variables) == 1 else None


def as_interval(text: str) -> str | None:
    """The interval of one inequality; None for any other text."""
    found = _interval(text)
    return found[1] if found else None


def _interval(text: str) -> tuple[str, str] | None:
    """The variable and its interval."""
    if match := _BOTH.fullmatch(text):
        low, first, name, second, high = match.groups()
        if not (first.startswith(_LESS) and second.startswith(_LESS)) or _INEQUALITY.search(low + high):
            return None
        return name, ("[" if _closed(first) else "(") + f"{low},{high}" + ("]" if _closed(second) else ")")
    if not (match := _SIMPLE.fullmatch(text)):
        return None
    name, sign, value = match[1] or match[6], match[2] or match[5], match[3] or match[4]
    if _INEQUALITY.search(value):
        return None
    below = sign.startswith(_LESS) == bool(match[1])
    if below:
        return name, rf"(-\infty,{value}" + ("]" if _closed(sign) else ")")
    return name, ("[" if _closed(sign) else "(") + rf"{value},\infty)"


def _closed(sign: str) -> bool:
    return "=" in sign or "e" in sign
