"""Separability of published bootstrap statistics, as the notebooks of arena-hard-auto print it.

Its agreement, Spearman and Brier figures compare with a leaderboard of Chatbot Arena that is not among the
files.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from published import rows
from snakeval.statistics.separability import overlapping
from snakeval.types import Json

pytestmark = pytest.mark.golden


def stats(arena: Path, name: str, names: str | None = None) -> list[Json]:
    """The rows of one file; with `names`, a file of names by Chatbot Arena's names, those rows alone."""
    folder = arena / "official_bootstrap_stats"
    found = rows(folder / f"bootstrap_stats_{name}.jsonl")
    if names is None:
        return found
    wanted = {value.lower() for value in json.loads((folder / names).read_text()).values()}
    return [row for row in found if row["model"].lower() in wanted]


@pytest.mark.parametrize(
    ("name", "count", "pairs"),
    [
        ("arena_hard", 76, 378),
        ("mt_bench", 197, 300),
        ("alpaca", 55, 190),
        ("alpaca_LC", 23, 190),
        ("20k_votes", 59, 190),
        ("arena_hard_distribution_elo", 927, 3003),
    ],
)
def test_all_models(arena: Path, name: str, count: int, pairs: int) -> None:
    ends = [(row["lower"], row["upper"]) for row in stats(arena, name)]
    assert overlapping(ends) == (count, pairs)


@pytest.mark.parametrize(
    ("name", "names", "at95", "at80"),
    [
        ("arena_hard", "arena_to_arena_hard.json", 30, 17),
        ("mt_bench", "arena_to_mt_bench.json", 121, 85),
        ("alpaca", None, 55, 33),
        ("alpaca_LC", None, 23, 13),
        ("20k_votes_elo", None, None, 34),
    ],
)
def test_the_twenty_models_in_common(
    arena: Path, name: str, names: str | None, at95: int | None, at80: int
) -> None:
    """At 95% by the published ends, at 80% by the percentiles of the published rounds."""
    found = stats(arena, name, names)
    assert len(found) == 20
    if at95 is not None:
        assert overlapping([(row["lower"], row["upper"]) for row in found]) == (at95, 190)
    percentiles = [np.percentile(row["results"], [10, 90]) for row in found]
    assert overlapping([(float(a), float(b)) for a, b in percentiles]) == (at80, 190)
