"""Names that a wildcard may stand for -> the regular expression that Snakemake holds it to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby, takewhile
from operator import itemgetter


def either(names: Iterable[str]) -> str:
    """A regular expression that matches exactly the names, or nothing if there are none.

    What several names begin with stands once: Snakemake matches it some dozens of times a job, and of names
    one beside the other each match would try them all.
    """
    return "|".join(_branches(sorted(set(names)))) or "(?!)"


def _branches(names: list[str]) -> list[str]:
    """One expression for the names with each first character; they are sorted and none is empty."""
    return [_branch(list(alike)) for _, alike in groupby(names, key=itemgetter(0))]


def _branch(names: list[str]) -> str:
    # Names that are sorted all begin with what the first and the last begin with.
    pairs = zip(names[0], names[-1], strict=False)
    shared = "".join(first for first, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    branches = _branches([name.removeprefix(shared) for name in names if name != shared])
    optional = "?" if shared in names else ""
    return re.escape(shared) + (f"(?:{'|'.join(branches)}){optional}" if branches else "")
