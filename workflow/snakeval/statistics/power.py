"""What a set of problems could have shown: the smallest difference that a paired test is likely to find."""

from __future__ import annotations

from math import sqrt

import numpy as np
from scipy import stats

from snakeval.statistics.bootstrap import FloatArray

ALPHA, POWER = 0.05, 0.8


def detectable(differences: FloatArray, alpha: float = ALPHA, power: float = POWER) -> float | None:
    """The minimum detectable effect of a two-sided paired test over problems; None where it is not known.

    `differences` (P,) are two models' on the same problems, in the unit of the result: (z_(1 - alpha/2) +
    z_power) s / sqrt(P) with their standard deviation s (Miller 2024, arXiv 2411.00640, section 5). A true
    difference of this size is found significant at `alpha` with the chance `power`.
    """
    if len(differences) < 2:
        return None
    deviation = float(np.std(differences, ddof=1))
    quantiles = stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(power)
    return float(quantiles) * deviation / sqrt(len(differences)) if deviation > 1e-12 else None
