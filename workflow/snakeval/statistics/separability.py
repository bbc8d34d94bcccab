"""How many pairs of models a leaderboard cannot tell apart: those whose intervals overlap.

Separability is what Li et al. 2024 (arXiv 2406.11939, section 3.1) ask of a benchmark: the share of pairs
whose intervals do not overlap. Intervals that only touch do not, and, as in the published notebook, pairs of
intervals that are equal to pairs already counted are not counted again.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations


def overlapping(intervals: Sequence[tuple[float, float]]) -> tuple[int, int]:
    """(pairs of intervals that overlap, pairs) of (lower, upper)."""
    ordered = sorted(intervals, key=lambda interval: interval[0])
    found = {(a, b) for a, b in combinations(ordered, 2) if b[0] < a[1]}
    distinct = {frozenset(pair) for pair in found}
    return len(distinct), len(ordered) * (len(ordered) - 1) // 2
