"""Bradley-Terry ratings from battles, with or without style features, and their bootstrap.

The model: a battle of players i and j with style difference d is won by i with probability
1 / (1 + exp(-(r_i - r_j + d . b))) (Bradley and Terry 1952; with features as in LMArena's style control,
2024).

- Where all matches are against the baseline and there are no features, the likelihood is a product of one
  factor a player and its maximum has a closed form: the player's weighted share of points. It equals the
  logistic regression exactly and exists for a player that wins every battle.
- Otherwise scikit-learn's LogisticRegression fits it, with a ridge so weak (RIDGE of a battle) that it only
  keeps the rating of a player that wins or loses everything finite.
- Neither scikit-learn nor arena-rank shares work between the rounds of a bootstrap or draws clusters. Here a
  round changes only the weights of the matches, so it is a few Newton steps from the fitted ratings; the
  unit tests hold it against refits by scikit-learn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components
from scipy.special import expit

from snakeval.statistics.battles import POINTS, Battles, FloatArray, IntArray

RIDGE = 1e-3
TOLERANCE = 1e-9
MAX_STEPS = 50


class FitError(RuntimeError):
    """The ratings did not converge."""


@dataclass(frozen=True, slots=True)
class Ratings:
    """Ratings (P,) in logits, the baseline's 0, NaN for a player that no chain of battles joins to it;
    +-inf for one that won or lost everything, where the form is closed; effects (F,) of the features.
    """

    players: FloatArray
    effects: FloatArray


@dataclass(frozen=True, slots=True)
class Design:
    """Matches as rows of a regression: `pair` (N,) indexes the distinct pairs (`first`, `second`) (K,)."""

    players: int
    pair: IntArray
    first: IntArray
    second: IntArray
    features: FloatArray

    @property
    def star(self) -> bool:
        """Whether the ratings have a closed form."""
        return not self.second.any() and self.features.shape[1] == 0


def design(battles: Battles, features: FloatArray | None = None) -> Design:
    """The regression of battles, with `features` (N, F) one row a match, first player minus second."""
    count = len(battles.players)
    codes, pair = np.unique(battles.first * count + battles.second, return_inverse=True)
    empty = np.zeros((len(battles.first), 0))
    return Design(count, pair, codes // count, codes % count, empty if features is None else features)


def fit(rows: Design, outcomes: FloatArray) -> Ratings:
    """Maximum likelihood ratings of weighted `outcomes` (N, 3): wins, ties and losses of the first player."""
    if rows.star:
        return Ratings(_closed_form(rows, outcomes), np.zeros(0))
    total, points = outcomes.sum(axis=1), outcomes @ POINTS
    found = _regression(rows, total, points)
    return _ratings(rows, total, found)


def refits(rows: Design, rounds: Iterator[FloatArray], fitted: Ratings) -> Iterator[Ratings]:
    """Ratings of each round's outcomes (N, 3), by Newton's method from the fitted ones.

    Raises FitError where that does not converge.
    """
    start = np.nan_to_num(np.concatenate([fitted.players[1:], fitted.effects]))
    for outcomes in rounds:
        if rows.star:
            yield Ratings(_closed_form(rows, outcomes), np.zeros(0))
            continue
        total, points = outcomes.sum(axis=1), outcomes @ POINTS
        yield _ratings(rows, total, _newton(rows, total, points, start))


def by_pair(rows: Design, outcomes: FloatArray) -> FloatArray:
    """Outcomes summed over the matches of each pair, shaped (K, 3)."""
    return np.stack([np.bincount(rows.pair, column, len(rows.first)) for column in outcomes.T], axis=1)


def probability(ratings: FloatArray) -> FloatArray:
    """Chance to win against the baseline, in percent."""
    return np.asarray(100 * expit(ratings))


def _closed_form(rows: Design, outcomes: FloatArray) -> FloatArray:
    sums = by_pair(rows, outcomes)
    wins, losses = sums @ POINTS, sums @ POINTS[::-1]
    ratings = np.full(rows.players, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratings[rows.first] = np.log(wins) - np.log(losses)
    ratings[0] = 0.0
    return ratings


def _regression(rows: Design, total: FloatArray, points: FloatArray) -> FloatArray:
    from sklearn.linear_model import LogisticRegression  # takes a second to import

    count, matches = rows.players, len(rows.pair)
    index = np.arange(matches)
    table = sp.csr_array(
        (
            np.repeat([1.0, -1.0], matches),
            (np.tile(index, 2), np.concatenate([rows.first[rows.pair], rows.second[rows.pair]])),
        ),
        shape=(matches, count),
    )
    columns = sp.hstack([table[:, 1:], sp.csr_array(rows.features)]).tocsr()
    model = LogisticRegression(C=1 / RIDGE, fit_intercept=False, solver="newton-cg", tol=1e-8, max_iter=1_000)
    model.fit(
        sp.vstack([columns, columns]).tocsr(),
        np.repeat([1, 0], matches),
        sample_weight=np.concatenate([points, total - points]),
    )
    return np.asarray(model.coef_[0], dtype=np.float64)


def _newton(rows: Design, total: FloatArray, points: FloatArray, start: FloatArray) -> FloatArray:
    free = rows.players - 1
    estimate = start.copy()
    for _ in range(MAX_STEPS):
        ratings = np.concatenate([[0.0], estimate[:free]])
        logits = (ratings[rows.first] - ratings[rows.second])[rows.pair] + rows.features @ estimate[free:]
        chance = expit(logits)
        gradient = _gradient(rows, points - total * chance) - RIDGE * estimate
        curvature = _curvature(rows, total * chance * (1 - chance))
        curvature[np.diag_indices_from(curvature)] += RIDGE
        step = np.linalg.solve(curvature, gradient)
        # A step beyond this is out of the region where the quadratic model holds.
        estimate += step * min(1.0, 4.0 / max(np.abs(step).max(), 1e-300))
        if np.abs(step).max() < TOLERANCE:
            return estimate
    raise FitError(f"Bradley-Terry ratings did not converge in {MAX_STEPS} Newton steps")


def _gradient(rows: Design, residual: FloatArray) -> FloatArray:
    sums = np.bincount(rows.pair, residual, len(rows.first))
    ratings = np.bincount(rows.first, sums, rows.players) - np.bincount(rows.second, sums, rows.players)
    return np.concatenate([ratings[1:], residual @ rows.features])


def _curvature(rows: Design, variance: FloatArray) -> FloatArray:
    """The negative Hessian (P - 1 + F, P - 1 + F) of the log-likelihood."""
    count, features = rows.players, rows.features.shape[1]
    size = count + features
    matrix = np.zeros((size, size))
    sums = np.bincount(rows.pair, variance, len(rows.first))
    matrix[rows.first, rows.second] = matrix[rows.second, rows.first] = -sums
    both = np.bincount(rows.first, sums, count) + np.bincount(rows.second, sums, count)
    matrix[np.arange(count), np.arange(count)] = both
    weighted = variance[:, None] * rows.features
    for i in range(features):
        cross = np.bincount(rows.pair, weighted[:, i], len(rows.first))
        column = np.bincount(rows.first, cross, count) - np.bincount(rows.second, cross, count)
        matrix[:count, count + i] = matrix[count + i, :count] = column
    matrix[count:, count:] = rows.features.T @ weighted
    return matrix[1:, 1:]


def _ratings(rows: Design, total: FloatArray, found: FloatArray) -> Ratings:
    players = np.concatenate([[0.0], found[: rows.players - 1]])
    played = np.bincount(rows.pair, total, len(rows.first)) > 0
    graph = sp.coo_array(
        (np.ones(int(played.sum())), (rows.first[played], rows.second[played])),
        shape=(rows.players, rows.players),
    )
    _, parts = connected_components(graph, directed=False)
    players[parts != parts[0]] = np.nan
    return Ratings(players, found[rows.players - 1 :])
