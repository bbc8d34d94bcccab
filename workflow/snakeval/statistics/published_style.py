"""Arena-Hard v0.1's style control: a regression with scikit-learn's default penalty, refitted a round.

It is apart because nothing else needs a penalty that counts. The penalty (C = 1) is on ratings in units of
log(10) and on the baseline's rating too, as published (lmarena/arena-hard-auto, utils_math.py, fit_bt); the
rounds draw single battles.
"""

from __future__ import annotations

import math

import numpy as np
import scipy.sparse as sp

from snakeval.statistics.battles import Battles, FloatArray, IntArray


def penalised_ratings(
    battles: Battles, features: FloatArray, rounds: int, seed: int
) -> tuple[FloatArray, list[FloatArray]]:
    """Ratings (P,) in logits against the baseline, and those of each round.

    `features` (N, F) are the baseline's minus the model's. Battles are drawn in the order of the matches: the
    published program draws them in the order of its files, so rounds agree in distribution only.
    """
    count, matches = len(battles.players), len(battles.first)
    index = np.arange(matches)
    scale = math.log(10)
    players = sp.csr_array(
        (
            np.repeat([scale, -scale], matches),
            (np.tile(index, 2), np.concatenate([battles.second, battles.first])),
        ),
        shape=(matches, count),
    )
    columns = sp.hstack([players, sp.csr_array(features)]).tocsr()
    generator = np.random.RandomState(seed)
    cells = battles.outcomes
    total = int(cells.sum())
    drawn = [
        generator.multinomial(total, (cells / total).ravel()).reshape(cells.shape) for _ in range(rounds)
    ]
    ratings = [_fit(columns, outcomes, count) for outcomes in (cells, *drawn)]
    return ratings[0], ratings[1:]


def _fit(columns: sp.csr_array, outcomes: IntArray, count: int) -> FloatArray:
    from sklearn.linear_model import LogisticRegression  # takes a second to import

    # Each battle stands twice there: a tie as a win for either side, another result as two of its kind.
    wins = 2 * outcomes[:, 2] + outcomes[:, 1]
    losses = 2 * outcomes[:, 0] + outcomes[:, 1]
    model = LogisticRegression(fit_intercept=False, solver="newton-cg", tol=1e-6)
    model.fit(
        sp.vstack([columns, columns]).tocsr(),
        np.repeat([1, 0], columns.shape[0]),
        sample_weight=np.concatenate([wins, losses]).astype(np.float64),
    )
    ratings = model.coef_[0][:count] * math.log(10)
    return np.asarray(ratings - ratings[0])
