"""Percentile intervals from a bootstrap clustered by problem.

Samples of one problem are not independent, so problems are drawn, each with all of its samples (Miller 2024,
arXiv 2411.00640, on why clustering matters; Efron 1979 for the bootstrap).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

LEVEL = 0.95
DRAWS_IN_MEMORY = 2_000_000


def resamples(clusters: int, rounds: int, seed: int) -> Iterator[IntArray]:
    """Yield blocks of resamples, each row the indices of `clusters` clusters drawn with replacement.

    A block holds at most DRAWS_IN_MEMORY indices (or one row), so memory does not grow with the rounds.
    The same arguments give the same draws: figures that share them are resampled together.
    """
    if clusters < 1 or rounds < 1:
        raise ValueError(f"need at least one cluster and one round, not {clusters} and {rounds}")
    rng = np.random.default_rng(seed)
    block = max(1, DRAWS_IN_MEMORY // clusters)
    for start in range(0, rounds, block):
        yield rng.integers(clusters, size=(min(block, rounds - start), clusters))


def resampled_counts(problems: npt.ArrayLike, rounds: int, seed: int) -> Iterator[IntArray]:
    """Yield blocks shaped (rounds in the block, U): how often each of U kinds of problem was drawn.

    `problems` (U,) says how many problems of each kind there are; ones, where every problem is its own.
    """
    sizes = np.asarray(problems, dtype=np.int64)
    kind = np.repeat(np.arange(sizes.size), sizes)
    for drawn in resamples(kind.size, rounds, seed):
        offsets = np.arange(len(drawn))[:, None] * sizes.size
        flat = np.bincount((kind[drawn] + offsets).ravel(), minlength=len(drawn) * sizes.size)
        yield flat.reshape(len(drawn), sizes.size)


def mean_interval(
    values: npt.ArrayLike, rounds: int, seed: int, problems: npt.ArrayLike | None = None
) -> FloatArray:
    """95% interval of the mean over problems of each of M figures, shaped (2, M): lower, upper.

    `values` is shaped (U, M), one row a problem, or, with `problems` (U,), one row for that many problems
    alike. All figures are means over the same draws.
    """
    table = np.asarray(values, dtype=np.float64)
    sizes = np.ones(len(table), dtype=np.int64) if problems is None else np.asarray(problems)
    means = [counts @ table for counts in resampled_counts(sizes, rounds, seed)]
    return percentiles(np.concatenate(means) / sizes.sum())


def percentiles(figures: FloatArray) -> FloatArray:
    """The 95% percentile interval over axis 0 of figures shaped (rounds, M): shaped (2, M)."""
    tail = (1 - LEVEL) / 2
    return np.asarray(np.quantile(figures, [tail, 1 - tail], axis=0))
