"""The chance of each model to beat each other one, as fitted."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import expit

from snakeval.statistics.scores import Scores


def win_rates(scores: Scores, baseline: str) -> dict[str, Any] | None:
    """{"models": best first, "percent": rows against columns}; None where a convention has no ratings.

    `percent[i][j]` is the model of row i's Bradley-Terry win probability against that of column j, None
    where a rating is unknown, or both are infinite. `baseline` is the name to show for the baseline.
    """
    if not scores.ratings:
        return None
    ratings = np.array(scores.ratings)
    order = sorted(range(len(ratings)), key=lambda i: (np.isnan(ratings[i]), -ratings[i], scores.players[i]))
    with np.errstate(invalid="ignore"):
        percent = 100 * expit(ratings[order][:, None] - ratings[order])
    np.fill_diagonal(percent, 50.0)
    shown = [[None if np.isnan(cell) else float(cell) for cell in row] for row in percent]
    return {"models": [scores.players[i] if i else baseline for i in order], "percent": shown}
