r"""The members of a list, set, tuple or interval, as they are written.

`120, 240` has two members and `120,240` is a number; `(1, 2)` is a tuple (or an open interval) and
`\{1, 2\}` a set.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

_SEPARATOR = (
    r"\\(?:text|textrm|mathrm|mbox)\s*\{[\s,;]*+(?:(?:and|or|&)[\s,;]*+)?\}"
    r"|(?<![A-Za-z\\])(?:and|or)(?![A-Za-z])(?!\s++(?:more|less|fewer|greater|higher|lower|above|below)\b)|[,;]"
)
_TOKEN = re.compile(
    rf"(?P<open>\\begin\s*\{{[^{{}}]*\}}|\\left\s*\\?[(\[{{.|<]|\\\{{|\\langle(?![A-Za-z])|[(\[{{])"
    rf"|(?P<close>\\end\s*\{{[^{{}}]*\}}|\\right\s*\\?[)\]}}.|>]|\\\}}|\\rangle(?![A-Za-z])|[)\]}}])"
    rf"|(?P<separator>{_SEPARATOR})|(?P<text>\\text\w*\s*\{{[^{{}}]*\}})|(?P<equals>=)|(?P<other>\\.|.)",
    re.DOTALL,
)
_DIGITS = re.compile(r"\d+(?:,\d+)*")
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+|0,\d{3}")
_SPACED_COMMA = re.compile(r",(?!\})\s")
_LABEL = re.compile(
    r"\s*(?:[A-Za-z](?:_\{?\w+\}?)?|\([^()=]*\)|\\left\s*\([^()=]*\\right\s*\))\s*(?:=|\\in(?![A-Za-z]))"
)
_SEMICOLON, _WORD = re.compile(";"), re.compile("and|or")
_GAP = re.compile(r"(?:\s|~|\\[,;:! ]|\\q?quad(?![A-Za-z]))++")
_EITHER_SIGN = re.compile(r"\\(?:pm|mp)(?![A-Za-z])")
_LONGEST_LABEL = 60
_DEEPEST = 40  # braces around braces that are looked into
# Braces without a backslash group, and are not seen.
_SIDES = {r"\{": "{", r"\}": "}", r"\langle": "(", r"\rangle": ")", "{": "", "}": ""}


@dataclass(frozen=True, slots=True)
class Members:
    """`sides` are the brackets around them: `()`, `[)`, `{}`, or none."""

    sides: str
    parts: tuple[str, ...]


def members(text: str, depth: int = 0) -> Members:
    """What a text lists; a text that is no list is its own one member."""
    text = text.strip()
    inner = _unwrapped(text) if depth < _DEEPEST else None
    if inner is None and len(label := text[:_LONGEST_LABEL]) and (match := _LABEL.match(label)):
        rest = text[match.end() :].strip()
        inner = _unwrapped(rest)
    if inner is None:
        return Members("", tuple(_split(text, grouped=True)))
    sides, content = inner
    if not sides:
        return members(content, depth + 1)
    parts = _split(content, grouped=_SPACED_COMMA.search(content) is not None)
    return Members(sides, tuple(parts)) if len(parts) > 1 or sides == "{}" else Members("", (text,))


def with_both_signs(parts: tuple[str, ...]) -> tuple[str, ...]:
    r"""Members with a sign of both kinds as two: `1\pm\sqrt2` is `1+\sqrt2` and `1-\sqrt2`.

    One that has several of them stays as it is: they may belong together, or not.
    """
    found: list[str] = []
    for part in parts:
        if len(_EITHER_SIGN.findall(part)) == 1:
            found += (_EITHER_SIGN.sub(sign, part) for sign in "+-")
        else:
            found.append(part)
    return tuple(found)


def _unwrapped(text: str) -> tuple[str, str] | None:
    """The brackets that stand around the whole text, and what is in them."""
    depth, opening = 0, None
    for token in _TOKEN.finditer(text):
        if token["open"]:
            if depth == 0 and token.start() > 0:
                return None
            opening = opening or token
            depth += 1
        elif token["close"]:
            depth -= 1
            if depth == 0:
                if token.end() < len(text) or opening is None:
                    return None
                sides = _side(opening[0]) + _side(token[0])
                content = text[opening.end() : token.start()]
                return (sides, content) if sides in ("()", "[]", "(]", "[)", "{}", "") else None
        elif depth == 0:
            return None
    return None


def _side(token: str) -> str:
    token = re.sub(r"\\(?:left|right)\s*", "", token)
    return _SIDES.get(token, token)


def _split(text: str, *, grouped: bool) -> list[str]:
    """The parts between separators outside of brackets; with `grouped`, commas may group digits."""
    cuts: list[re.Match[str]] = []
    depth, grouping = 0, _grouping_commas(text) if grouped else set()
    for token in _TOKEN.finditer(text):
        if token["open"]:
            depth += 1
        elif token["close"]:
            depth -= 1
        elif token["separator"] and depth == 0 and token.start() not in grouping:
            cuts.append(token)
    parts = _between(text, cuts)
    for kind in (_SEMICOLON, _WORD):
        groups = _between(text, strong := [cut for cut in cuts if kind.search(cut[0])])
        if 0 < len(strong) < len(cuts) and (kind is _SEMICOLON or _are_assignments(groups, parts)):
            return groups
    return parts


def _between(text: str, cuts: list[re.Match[str]]) -> list[str]:
    ends = [(0, 0), *(cut.span() for cut in cuts), (len(text), len(text))]
    parts = [text[before[1] : after[0]] for before, after in pairwise(ends)]
    parts = [_without_gaps(part) for part in parts]
    return [part for part in parts if part] or [text]


def _without_gaps(text: str) -> str:
    """A text without the spacing at its ends; a run of it is looked at once."""
    runs = [run.span() for run in _GAP.finditer(text)]
    end = runs[-1][0] if runs and runs[-1][1] == len(text) else len(text)
    start = runs[0][1] if runs and runs[0][0] == 0 else 0
    return text[start:end]


def _are_assignments(groups: list[str], parts: list[str]) -> bool:
    """Whether `x = 1, y = 2 or x = 3, y = 4` is two solutions: all name a variable, some name one again."""
    names = [part.partition("=")[0].strip() for part in parts if "=" in part]
    return len(groups) > 1 and len(names) == len(parts) and len(set(names)) < len(names)


def _grouping_commas(text: str) -> set[int]:
    """Where commas group the digits of one number: in `120,240` but nowhere in `98,99,100`."""
    runs = (run for run in _DIGITS.finditer(text) if _GROUPED.fullmatch(run[0]))
    return {run.start() + index for run in runs for index, letter in enumerate(run[0]) if letter == ","}
