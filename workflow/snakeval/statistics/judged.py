"""Accuracy by an imperfect judge, corrected by what people said of a sample of its verdicts."""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Z = 1.959963984540054  # the normal distribution's 97.5th percentile


class Rate(NamedTuple):
    """`hits` of `of` trials, such as the answers that a judge called right of those that are right."""

    hits: int
    of: int


class Corrected(NamedTuple):
    """An accuracy in [0, 1] with its 95% interval."""

    accuracy: float
    lower: float
    upper: float


def corrected_accuracy(judged: float, n: float, right: Rate, wrong: Rate) -> Corrected | None:
    """The share of answers that are right, where a judge calls the share `judged` of `n` answers right.

    `right` says how many it calls right of those that are, its sensitivity q1, and `wrong` how many it calls
    wrong of those that are, its specificity q0, both by people. The estimate is (p + q0 - 1) / (q0 + q1 - 1)
    (Rogan and Gladen 1978, American Journal of Epidemiology 107, 71-76), cut to [0, 1]. Its interval is that
    of Lee et al. 2025 (arXiv 2511.21140): the three rates are smoothed, p by z^2 trials and q0, q1 by two
    each, half of them hits, the variances of all three are added up, and the middle is moved for the bias of
    a ratio. None where people saw no right or no wrong answer, or the judge is no better than chance.
    """
    if not (right.of and wrong.of and n > 0) or _youden(right, wrong) <= 0:
        return None
    accuracy = (judged - 1 + wrong.hits / wrong.of) / _youden(right, wrong)
    size, m0, m1 = n + Z**2, wrong.of + 2, right.of + 2
    p, q0, q1 = (n * judged + Z**2 / 2) / size, (wrong.hits + 1) / m0, (right.hits + 1) / m1
    better = q0 + q1 - 1
    if better <= 0:
        return None
    middle = (p + q0 - 1) / better
    v0, v1 = q0 * (1 - q0) / m0, q1 * (1 - q1) / m1
    moved = middle + 2 * Z**2 * (middle * v1 - (1 - middle) * v0)
    arm = Z * sqrt(p * (1 - p) / size + (1 - middle) ** 2 * v0 + middle**2 * v1) / better
    return Corrected(*(min(1.0, max(0.0, value)) for value in (accuracy, moved - arm, moved + arm)))


def _youden(right: Rate, wrong: Rate) -> float:
    return right.hits / right.of + wrong.hits / wrong.of - 1


def effective_size(problem: npt.ArrayLike, right: npt.ArrayLike) -> float:
    """How many independent answers say as much of their mean as these, of which some share a problem.

    `problem` and `right` (0 or 1) have one entry an answer, shaped (N,). The mean's variance is taken between
    problems (Kish 1965, the design effect); at most N, and N where it can't be told.
    """
    of, values = np.asarray(problem), np.asarray(right, dtype=np.float64)
    _, place = np.unique(of, return_inverse=True)
    n, groups = len(values), int(place.max(initial=-1)) + 1
    mean = values.mean() if n else 0.0
    if groups < 2 or not 0 < mean < 1:
        return float(n)
    sums = np.bincount(place, weights=values - mean)
    variance = groups / (groups - 1) * (sums**2).sum() / n**2
    return float(min(n, mean * (1 - mean) / variance)) if variance > 0 else float(n)
