"""Times of day, which are no ratios."""

from __future__ import annotations

import re

_TIME = re.compile(r"(\d{1,2})\s*:\s*([0-5]\d)(?:\s*:\s*([0-5]\d))?\s*(?:([ap])\.?\s*m\.?)?", re.IGNORECASE)
_HOUR = re.compile(r"(\d{1,2})\s*([ap])\.?\s*m\.?", re.IGNORECASE)
_BOXES = re.compile(r"\\(?:text\w*|mathrm|mbox)\s*\{([^{}]*)\}|\\[,;:! ]|~")


def time_of_day(text: str) -> tuple[int, int, int, str] | None:
    """(hour, minute, second, "a", "p" or "") of a text that is a time and no more, else None."""
    text = _BOXES.sub(lambda box: box[1] or " ", text).strip()
    if match := _TIME.fullmatch(text):
        hour, half = int(match[1]), (match[4] or "").lower()
        if not half and 12 < hour < 24:  # 15:00 is 3:00 p.m.
            hour, half = hour - 12, "p"
        return hour, int(match[2]), int(match[3] or 0), half
    if match := _HOUR.fullmatch(text):
        return int(match[1]), 0, 0, match[2].lower()
    return None


def same_time(gold: str, answer: str) -> bool | None:
    """Whether an answer is the golden time, as written; None where the golden answer is no time.

    Before or after noon may be missing on one side.
    """
    wanted = time_of_day(gold)
    if wanted is None:
        return None
    given = time_of_day(answer)
    if given is None:
        return False
    return given[:3] == wanted[:3] and (not given[3] or not wanted[3] or given[3] == wanted[3])
