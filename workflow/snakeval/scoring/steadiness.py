"""How often a model is right, not whether it ever is: pass^k, G-Pass@k and mG-Pass@k."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from snakeval.statistics import passk
from snakeval.types import Json

FloatArray = npt.NDArray[np.float64]
THRESHOLDS = (0.25, 0.5, 0.75)
"""Shares of k samples that G-Pass@k asks for; all of them is pass^k, one is pass@k."""
LARGEST_K = 64
"""For G-Pass@k and mG-Pass@k, whose cost grows with k; the paper reports k up to 16."""


def shown_ks(n: int) -> list[int]:
    """The k of G-Pass@k and mG-Pass@k: powers of two from 2 on, and `n` itself, up to LARGEST_K."""
    powers = [2**i for i in range(1, LARGEST_K.bit_length()) if 2**i < n]
    return [k for k in (*powers, n) if 2 <= k <= LARGEST_K]


def columns(n: npt.ArrayLike, c: npt.ArrayLike, top: int) -> FloatArray:
    """Of each problem pass^1 to pass^top, then G-Pass@k by threshold and k, then mG-Pass@k, shaped (P, M)."""
    ks = shown_ks(top)
    shares = [passk.g_pass_at_k(n, c, k, threshold)[:, None] for threshold in THRESHOLDS for k in ks]
    areas = [passk.mg_pass_at_k(n, c, k)[:, None] for k in ks]
    return np.hstack([passk.pass_hat_k(n, c, top), *shares, *areas])


def by_name(values: npt.ArrayLike, top: int) -> Json:
    """Means, or intervals, of the columns as the metrics have them.

    `values` is shaped (M,) or (M, 2). The keys are `pass_hat_k` (pass^k by k), `g_pass_at_k` (by threshold,
    then by k) and `mg_pass_at_k` (by k); the last two are empty for a single sample a problem.
    """
    table, ks = np.asarray(values, dtype=np.float64).tolist(), shown_ks(top)
    after = iter(table[top:])
    return {
        "pass_hat_k": {str(k): value for k, value in enumerate(table[:top], start=1)},
        "g_pass_at_k": {str(share): {str(k): next(after) for k in ks} for share in THRESHOLDS if ks},
        "mg_pass_at_k": {str(k): next(after) for k in ks},
    }
