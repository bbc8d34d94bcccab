r"""Ratios of whole numbers: `2:3:4` is `4:6:8`, and `2 to 5` is `2:5` beside a ratio."""

from __future__ import annotations

import re

_RATIO = re.compile(r"\d{1,30}(?:\s*:\s*\d{1,30})+")
_TO = re.compile(r"(?:(?<!\s)\s++)?(?::|\\(?:text|mathrm)\s*+\{\s*+to\s*+\}|(?<![A-Za-z])to(?![A-Za-z]))\s*+")
_NUMBER = re.compile(r"\d{1,30}")


def same_ratio(gold: str, answer: str) -> bool | None:
    """Whether two ratios of whole numbers are one; None where the golden answer or the answer is none."""
    if not _RATIO.fullmatch(gold.strip()):
        return None
    wanted, given = (_TO.split(text.strip()) for text in (gold, answer))
    if len(given) < 2 or not all(map(_NUMBER.fullmatch, given)):
        return None
    if len(wanted) != len(given):
        return False
    one, other = [int(part) for part in wanted], [int(part) for part in given]
    if not one[0] or not other[0]:
        return one == other
    return all(mine * other[0] == theirs * one[0] for mine, theirs in zip(one, other, strict=True))
