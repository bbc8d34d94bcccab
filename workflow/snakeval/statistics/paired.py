"""Paired tests of two models on the same problems, and the correction of many of them.

McNemar's exact test (a binomial test of the problems that one model alone solved; McNemar 1947) where both
have one sample a problem, else a paired t-test over problems (as in Miller 2024, arXiv 2411.00640: a problem
is a cluster of its samples); Holm's correction (1979, Scandinavian Journal of Statistics 6, 65-70).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from snakeval.statistics.bootstrap import FloatArray, IntArray

MCNEMAR, PAIRED_T = "McNemar, exact", "paired t"


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Samples and correct samples of each problem (P,), with the problems in alphabetical order."""

    problems: tuple[str, ...]
    n: IntArray
    c: IntArray


def mcnemar(differences: FloatArray, alternative: str = "two-sided") -> float:
    """McNemar's exact p-value of differences (P,), each -1, 0 or 1; 1 where no problem tells them apart."""
    better, worse = int((differences > 0).sum()), int((differences < 0).sum())
    if not better + worse:
        return 1.0
    return float(stats.binomtest(better, better + worse, 0.5, alternative=alternative).pvalue)


def paired_t(differences: FloatArray, beyond: float = 0.0, alternative: str = "two-sided") -> float:
    """The p-value of a mean of differences (P,) other than `beyond`; 0 or 1 where all are equal."""
    if len(differences) < 2 or np.ptp(differences) < 1e-12:
        shift = float(differences.mean()) - beyond
        extreme = {"two-sided": abs(shift) > 1e-12, "less": shift < -1e-12, "greater": shift > 1e-12}
        return 0.0 if extreme[alternative] and len(differences) > 1 else 1.0
    return float(stats.ttest_1samp(differences, beyond, alternative=alternative).pvalue)


def corrected(ps: Sequence[float]) -> list[float]:
    """P-values after Holm's correction, in the order given."""
    order = np.argsort(ps, kind="stable")
    steps = np.array(ps)[order] * np.arange(len(ps), 0, -1)
    found = np.empty(len(ps))
    found[order] = np.minimum(1.0, np.maximum.accumulate(steps)) if len(ps) else steps
    return [float(p) for p in found]
