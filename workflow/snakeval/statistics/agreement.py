"""How two graders of the same things agree: Cohen's kappa (1960, doi 10.1177/001316446002000104), points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def kappa(first: Sequence[int], second: Sequence[int], weights: str | None = None) -> float | None:
    """Cohen's kappa, with linear `weights` for strengths; None where chance alone would agree."""
    from sklearn.metrics import cohen_kappa_score  # takes a second to import

    if len(set(first) | set(second)) < 2:
        return None
    return float(cohen_kappa_score(first, second, weights=weights))


def point_agreement(judged: Sequence[float], human: Sequence[float]) -> dict[str, Any] | None:
    """How a judge's rewards agree with people's on the same answers, both (N,) in [0, 1]; None for N = 0.

    Accuracy: both on one side of full marks. MAE and Pearson's r of the points, r None where one side is
    constant.
    """
    if not len(judged):
        return None
    ours, theirs = np.asarray(judged, dtype=np.float64), np.asarray(human, dtype=np.float64)
    varied = ours.std() > 0 and theirs.std() > 0
    return {
        "answers": len(ours),
        "accuracy": float(((ours >= 1) == (theirs >= 1)).mean()),
        "mae": float(np.abs(ours - theirs).mean()),
        "pearson": float(np.corrcoef(ours, theirs)[0, 1]) if varied else None,
        "kappa": kappa((ours >= 1).astype(int).tolist(), (theirs >= 1).astype(int).tolist()),
    }
