"""Look for a configuration's regular expressions in a text, under a limit.

Nobody knows how long an expression takes on what a model wrote: `re` tries again from wherever it can. So
it is looked for in a worker process, which is killed after LIMIT_SECONDS.
"""

from __future__ import annotations

import atexit
import logging
import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from snakeval.system.workers import Failure, Pool

log = logging.getLogger(__name__)
LIMIT_SECONDS = 10.0
MEMORY_LIMIT = 2 * 1024**3
LONGEST_SHOWN = 100
SEARCH, WHOLE = "snakeval.answers.patterns:search", "snakeval.answers.patterns:whole"


class Match(NamedTuple):
    """Where an expression was found, and what its first group holds; None without one."""

    start: int
    end: int
    group: str | None


def found(text: str, *patterns: str) -> list[list[Match]] | None:
    """The matches of each expression in a text, in order; None where looking for them takes too long."""
    (result,) = _pool().map([(text, patterns)])
    if isinstance(result, Failure):
        shown = " and ".join(repr(pattern[:LONGEST_SHOWN]) for pattern in patterns)
        what = f"{result.cause.replace('_', ' ')}, {result.detail}"
        log.warning("looking for %s in %d characters: %s; it counts as not found", shown, len(text), what)
        return None
    assert isinstance(result, list)
    return result


def matching(texts: Sequence[str], pattern: str) -> list[bool] | None:
    """Which of some texts match an expression as a whole; None where that takes too long for all together."""
    with Pool(WHOLE, 1, LIMIT_SECONDS, memory_limit=MEMORY_LIMIT) as pool:
        (result,) = pool.map([(texts, pattern)])
    return None if isinstance(result, Failure) else list(result)


def whole(task: tuple[Sequence[str], str]) -> list[bool]:
    """The worker's part of `matching`."""
    texts, pattern = task
    return [re.fullmatch(pattern, text) is not None for text in texts]


def search(task: tuple[str, tuple[str, ...]]) -> list[list[Match]]:
    """The worker's part of `found`."""
    text, patterns = task
    return [
        [Match(*match.span(), match[1] if match.re.groups else None) for match in re.finditer(pattern, text)]
        for pattern in patterns
    ]


@cache
def _pool() -> Pool:
    """One worker a process, from the first look on."""
    pool = Pool(SEARCH, 1, LIMIT_SECONDS, memory_limit=MEMORY_LIMIT)
    atexit.register(pool.__exit__, None, None, None)
    return pool
