"""Halves of UTF-16's surrogate pairs, which JSON can spell (as in "\\ud83d") and no file of text can hold."""

from __future__ import annotations

import re

_LONE = re.compile("[\ud800-\udfff]")
REPLACEMENT = "\ufffd"


def replaced(text: str) -> tuple[str, int]:
    """A text with each lone surrogate as U+FFFD, and how many there were."""
    return (text, 0) if text.isascii() else _LONE.subn(REPLACEMENT, text)


def without(text: str) -> str:
    """A text with each lone surrogate as U+FFFD."""
    return replaced(text)[0]
