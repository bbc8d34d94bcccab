"""Halves of UTF-16's surrogate pairs, which JSON can spell (as in "\\ud83d") and no file of text can hold."""

from __future__ import annotations

import re

_LONE = re.compile("[\ud800-\udfff]")
REPLACEMENT = "\ufffd"


def replaced(text: str) -> tuple[str, int]:
    """A text with each lone surrogate as U+FFFD, and how many there were."""
    try:
        text.encode()  # many times as fast as a search, and nearly every text passes
    except UnicodeEncodeError:
        return _LONE.subn(REPLACEMENT, text)
    return text, 0


def without(text: str) -> str:
    """A text with each lone surrogate as U+FFFD."""
    return replaced(text)[0]
