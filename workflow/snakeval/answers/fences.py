"""Markdown's fenced blocks, also in lists and quotes, and the marks around MBPP's few-shot solutions."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass

PYTHON = frozenset({"", "python", "py", "pypy"})
CPP = frozenset({"cpp", "c++", "g++", "cxx", "cc", "c"})
# A language without its version or the name of a file: python3.12, c++17, python:main.py.
_LANGUAGE = re.compile(r"([a-z]+(?:\+\+)?)(?:[\d:.,;=(].*)?\Z")

# What stands before a fence: quotes, indentation, the bullet of a list.
_PREFIX = r"((?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,3}[.)](?=[ \t])))*[ \t]*)"
_FENCE = re.compile(_PREFIX + r"(`{3,}|~{3,})(?![`~])(?=[^`]*\Z)[ \t]*([^\s`{]*)")
_QUOTES = re.compile(r"(?<![ \t])(?:[ \t]*+>)+[ \t]?")
# What of a line of Python matters for where a text in triple quotes begins and ends.
_TOKEN = re.compile(r'"""|\'\'\'|"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|#.*|\\.', re.DOTALL)
_BEGIN, _DONE = "[BEGIN]", "[DONE]"
_CODE = re.compile(
    r"[ \t]*(?:async[ \t]+def|def|class|return|yield|import|from|for|while|if|with|try)\b|[ \t]*\w+[ \t]*="
)
_NAME_DONE = re.compile(r"(?<![\[\w])DONE\b|\bDONE\b(?!\])")  # of the program's, as in `DONE = 1`
_DEFINITION = re.compile(r"(?:async[ \t]+def|def|class|return)\b")
_UNFINISHED = re.compile(
    r"(?:[-=(\[{,+*/%:&|<>^~@]|\b(?:return|in|not|and|or|is|if|else|yield|print|lambda))[ \t]*\Z"
)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language as written in lower case, "" for none, and whether a fence ends it.

    `start` and `end` are where it stands in the text, with its fences.
    """

    language: str
    source: str
    closed: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    text: str


def blocks(text: str) -> list[Block]:
    """The fenced blocks that are not blank; a last one may stay open if it has a language or is all there is.

    Quotes and indentation of a block's fence are taken from its lines. A fence within a text in triple
    quotes ends no Python block, unless that text is never closed.
    """
    lines = _lines(text)
    found, rest = _blocks(lines, len(text), quoting=True)
    if rest is not None:
        found += _blocks(lines[rest:], len(text), quoting=False)[0]
    return [block for block in found if block.source.strip()]


def _lines(text: str) -> list[_Line]:
    start, lines = 0, []
    for line in text.split("\n"):
        lines.append(_Line(start, line))
        start += len(line) + 1
    return lines


def _blocks(lines: list[_Line], length: int, quoting: bool) -> tuple[list[Block], int | None]:
    """The blocks, and the line of a last one that stayed open within triple quotes, not among them."""
    found: list[Block] = []
    opened: tuple[int, re.Match[str]] | None = None
    quote: str | None = None
    for number, line in enumerate(lines):
        fence = _fence(line.text)
        if opened is None:
            opened, quote = ((number, fence) if fence else None), None
            continue
        begin, opening = opened
        if fence is None or quote is not None:
            quote = _quote(line.text, quote) if quoting and _named(opening) in PYTHON else None
        elif fence[2].startswith(opening[2]) and not fence[3]:
            end = line.start + len(line.text)
            found.append(_block(opening, lines[begin : number + 1], end, closed=True))
            opened = None
        elif fence[3] and fence[2][0] == opening[2][0]:  # the one before was never closed
            found.append(_block(opening, lines[begin:number], line.start, closed=False))
            opened, quote = (number, fence), None
    if opened is None:
        return found, None
    begin, opening = opened
    if quote is not None and any(_fence(line.text) for line in lines[begin + 1 :]):
        return found, begin
    if opening[3] or not any(line.text.strip() for line in lines[:begin]):
        found.append(_block(opening, lines[begin:], length, closed=False))
    return found, None


def _fence(line: str) -> re.Match[str] | None:
    return _FENCE.match(line.rstrip("\r")) if "```" in line or "~~~" in line else None


def _named(opening: re.Match[str]) -> str:
    language = opening[3].lower()
    known = _LANGUAGE.match(language)
    return known[1] if known else language


def _block(opening: re.Match[str], lines: list[_Line], end: int, *, closed: bool) -> Block:
    quoted = ">" in opening[1]
    inside = [line.text for line in (lines[1:-1] if closed else lines[1:])]
    if quoted:
        inside = [_QUOTES.sub("", line, count=1) for line in inside]
    if inside and inside[0].strip() == _BEGIN:
        inside = inside[1:]
    if inside and inside[-1].strip() == _DONE:
        inside = inside[:-1]
    source = _dedented(inside)
    return Block(_named(opening), source + "\n" if closed else source, closed, lines[0].start, end)


def _dedented(lines: list[str]) -> str:
    """Lines without the spaces that all begin with; those within triple quotes may begin with fewer."""
    margin: str | None = None
    quote: str | None = None
    for line in lines:
        if quote is None and line.strip():
            indent = line[: len(line) - len(line.lstrip(" \t"))]
            margin = indent if margin is None else _common(margin, indent)
        quote = _quote(line, quote)
    if not margin:
        return "\n".join(lines)
    return "\n".join(
        line.removeprefix(margin) if line.startswith(margin) else line.lstrip(" \t") for line in lines
    )


def _common(one: str, other: str) -> str:
    differing = (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return one[: next(differing, min(len(one), len(other)))]


def _quote(line: str, quote: str | None) -> str | None:
    """The triple quotes that are open after a line, given those that were open before."""
    position = 0
    while True:
        if quote is not None:
            end = line.find(quote, position)
            if end < 0:
                return quote
            quote, position = None, end + 3
        token = next((t for t in _TOKEN.finditer(line, position) if t[0] in ('"""', "'''")), None)
        if token is None:
            return None
        quote, position = token[0], token.end()


def between_marks(text: str) -> str:
    """What stands between `[BEGIN]` and `[DONE]`, or before or after the one that is there.

    `[DONE]` ends a program on a line of its own, or at the end of a line of code that is finished without
    it; neither does within a fenced block that is closed, nor within triple quotes. `[BEGIN]` begins a line.
    """
    inside = deque((block.start, block.end) for block in blocks(text) if block.closed)
    begin, quote, is_code, end = 0, None, False, len(text)
    a_name = _DONE in text and _NAME_DONE.search(text) is not None
    for line in _lines(text):
        while inside and inside[0][1] < line.start:
            inside.popleft()
        if inside and inside[0][0] <= line.start:
            continue
        if quote is None and line.text.strip().startswith(_BEGIN):
            begin, is_code = line.start + line.text.index(_BEGIN) + len(_BEGIN), False
        elif quote is None and _is_end(line.text, is_code) and (line.text.rstrip() == _DONE or not a_name):
            end = line.start + line.text.rindex(_DONE)
            break
        quote = _quote(line.text, quote)
        is_code = is_code or _CODE.match(line.text) is not None
    return text[begin:end]


def _is_end(line: str, after_code: bool) -> bool:
    """Whether the `[DONE]` of a line is a mark, neither a part of the program nor of a sentence."""
    line = line.strip()
    before = line.removesuffix(_DONE)
    if before == line or not before:
        return before != line
    finished = before.endswith((" ", "\t", ")")) and not _UNFINISHED.search(before) and "#" not in before
    return finished and (after_code or _DEFINITION.match(line) is not None)


def outside(text: str, found: list[Block]) -> str:
    """A text without these blocks of it."""
    parts, start = [], 0
    for block in found:
        parts.append(text[start : block.start])
        start = block.end
    return "".join([*parts, text[start:]])


def fenced(text: str, languages: frozenset[str]) -> list[str]:
    """The contents of the blocks in these languages."""
    return [block.source for block in blocks(text) if block.language in languages]


def before_fence(text: str) -> str:
    """A text up to its first fence, such as one that closes a block which its prompt had opened."""
    return text[: next((line.start for line in _lines(text) if _fence(line.text)), len(text))]
