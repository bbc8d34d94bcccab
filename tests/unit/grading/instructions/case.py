"""One instruction with texts that follow it and texts that do not."""

from __future__ import annotations

from typing import NamedTuple


class Case(NamedTuple):
    """An instruction by name with its arguments."""

    name: str
    given: dict[str, object]
    follow: list[str]
    do_not: list[str]
