"""Answers in what models put around them: tags, JSON, Markdown."""

from __future__ import annotations

import json
import re
from collections import deque

_TAG = re.compile(r"<(/?)(?:final[_ -]?)?answer>", re.IGNORECASE)
_KEY = re.compile(r"(?P<quote>[\"'])(?:final[_ ]?)?answer(?P=quote)\s*:\s*", re.IGNORECASE)
_VALUE_END = re.compile(r"\s*[,}]")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_SINGLE = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)
_COMMAND = re.compile(r"(?<!\\)\\[A-Za-z]{2}")
_BULLET = re.compile(r"(?:[-*+\u2022]|#{1,6})[ \t]+")
_PAIRS = ("**", "__", "*", "_", "`")
_DELIMITERS = (("$$", "$$"), ("$", "$"), (r"\(", r"\)"), (r"\[", r"\]"))
_PLACEHOLDER = re.compile(r"[\s.\u2026_?]*")


def tagged(text: str) -> tuple[int, str] | None:
    """Where the last `<answer>` or `<final_answer>` begins and what it holds; None without one.

    What it holds is "" where it is empty. One that is never closed counts as empty where no more than one
    line follows, which is an answer cut off; before more it was only mentioned.
    """
    following: re.Match[str] | None = None
    # Where the line before the text's last one ends.
    above = len(text[: max(text.rfind("\n", 0, len(text.rstrip())), 0)].rstrip())
    for tag in reversed(list(_TAG.finditer(text))):
        if tag[1]:
            following = tag
        elif following is not None:
            content = text[tag.end() : following.start()].strip()
            return tag.start(), "" if _PLACEHOLDER.fullmatch(content) else content
        elif tag.end() >= above and not text.startswith(("`", " "), tag.end()):
            return tag.start(), ""
    return None


def in_json(text: str) -> str | None:
    """The value of the last key "answer" or "final_answer" of a JSON object; None without one.

    Numbers are as they are written, a list is joined by commas; "" stands for null and for a value that is
    cut off. A backslash that was not doubled is LaTeX's.
    """
    last = deque(_KEY.finditer(text), maxlen=1)
    if not last or "{" not in text[: last[0].start()]:
        return None
    key = last[0]
    string = _STRING.match(text, key.end())
    if single := _SINGLE.match(text, key.end()):  # as Python writes it
        value, end = single[1], single.end()
    elif string and _COMMAND.search(string[1]):
        value, end = string[1].replace(r"\"", '"'), string.end()
    else:
        try:
            value, end = _DECODER.raw_decode(text, key.end())
        except (ValueError, RecursionError):
            return "" if text[key.end() : key.end() + 1] in ('"', "'", "[", "") else None
    return _as_text(value) if _VALUE_END.match(text, end) else ""


_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str, strict=False)


def _as_text(value: object) -> str | None:
    match value:
        case None:
            return ""
        case bool():
            return str(value)
        case str():
            return value.strip()
        case list() if all(isinstance(part, str) for part in value):
            return ", ".join(value)
    return None


def plain(text: str) -> str:
    """A text without the Markdown around all of it: bold, italics, code, bullets, a heading.

    Several lines that are all bullets are joined by commas.
    """
    text = text.strip()
    if text.startswith("```") and text.endswith("```") and text.count("```") == 2:
        text = text[3:-3].partition("\n")[2].strip() if "\n" in text else text[3:-3].strip()
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if lines and all(_BULLET.match(line) for line in lines):
        text = ", ".join(_BULLET.sub("", line, count=1) for line in lines)
    for mark in _PAIRS:
        inside = text.removesuffix(".").removeprefix(mark).removesuffix(mark)
        wrapped = len(text.removesuffix(".")) - len(inside) == 2 * len(mark)
        if wrapped and inside.strip() and mark not in inside:
            text = inside.strip()
    return text


def undelimited(text: str) -> str:
    """A text without the math delimiters around all of it."""
    for begin, end in _DELIMITERS:
        inside = text[len(begin) : -len(end)]
        if text.startswith(begin) and text.endswith(end) and inside.strip() and begin not in inside:
            return inside.strip()
    return text
