r"""Definitions by cases: `\begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \end{cases}`, row by row."""

from __future__ import annotations

import re
from typing import NamedTuple

from snakeval.answers.spelling import without_text_boxes

_BEGIN = re.compile(r"\\begin\s*\{(?:d|r)?cases\*?\}")
_END = re.compile(r"\\end\s*\{(?:d|r)?cases\*?\}")
_ROWS, _COLUMNS = re.compile(r"\\\\(?:\s*\[[^\]]{0,99}\])?"), re.compile(r"(?<!\\)&|,(?=\s*\\text)")
_CONDITION = re.compile(r"^(?:if|for|when)\b\s*")


class Cases(NamedTuple):
    """What stands around the cases of a text, and the columns of each row of the first."""

    around: str
    rows: list[list[str]]


def cases(text: str) -> Cases | None:
    """The cases in a text; None where there are none."""
    around, rows, at = "", None, 0
    begin = _BEGIN.search(text)
    while begin and (end := _END.search(text, begin.end())):
        if rows is None:
            content = text[begin.end() : end.start()]
            rows = [_columns(row) for row in _ROWS.split(content) if row.strip()]
        around += text[at : begin.start()]
        at = end.end()
        begin = _BEGIN.search(text, at)
    return None if rows is None else Cases((around + text[at:]).strip(" .="), rows)


def _columns(row: str) -> list[str]:
    parts = [without_text_boxes(part).strip(" ,.;\\") for part in _COLUMNS.split(row)]
    return [_CONDITION.sub("", part) for part in parts if part]
