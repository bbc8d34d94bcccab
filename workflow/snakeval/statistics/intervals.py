"""Intervals that allow for the judge as well as for the choice of questions.

The bootstrap over questions holds the noise of single verdicts, but no error that all verdicts share. Each
source of such an error has a standard uncertainty u in percentage points, and an arm a of an interval becomes
sqrt(a^2 + z^2 sum u^2), z = 1.96 or 1.645 (JCGM 100:2008, the GUM):

- position: the score is the mean over two places, and they differ by d; a true value anywhere between the two
  has u = |d| / sqrt(12) (GUM 4.3.7, a rectangle of width d);
- human: a bias b against people, of standard error s, that is not corrected for: u^2 = b^2 + s^2 (GUM
  F.2.4.5).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any, Literal

from snakeval.statistics.scores import Score

Widening = Literal["position", "human"]
Z95, Z90 = 1.959964, 1.644854


def widened(
    score: Score, sources: Sequence[Widening], shift: float | None, people: Mapping[str, Any] | None
) -> Score:
    """A model's score with wider intervals, within 0 and 100.

    `shift` is the difference of its score between the two places, in percentage points, `people` the judge's
    agreement with them (`bias` and `bias_se`). A source of which nothing is known adds nothing.
    """
    variance = 0.0
    if "position" in sources and shift is not None:
        variance += shift**2 / 12
    if "human" in sources and people is not None:
        variance += people["bias"] ** 2 + (people["bias_se"] or 0.0) ** 2
    if score.score is None or not variance:
        return score
    lower, upper = _arms(score.score, score.lower, score.upper, Z95 * sqrt(variance))
    lower90, upper90 = _arms(score.score, score.lower90, score.upper90, Z90 * sqrt(variance))
    return Score(score.score, lower, upper, lower90, upper90)


def _arms(
    value: float, lower: float | None, upper: float | None, more: float
) -> tuple[float | None, float | None]:
    if lower is None or upper is None:
        return lower, upper
    return max(0.0, value - sqrt((value - lower) ** 2 + more**2)), min(
        100.0, value + sqrt((upper - value) ** 2 + more**2)
    )
