"""pass@k for every k of a million samples, against a plain double loop over problems and k.

    python benchmarks/pass_at_k.py

Prints one line a shape with both times and their ratio, and fails where the results differ or the ratio is
below FLOOR. Both sides start from rewards in memory, each in the form it likes best: lists of floats for the
loop, a matrix for snakeval; the loop uses math.comb, the fastest that Python itself has to offer.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial
from math import comb
from typing import TypeVar

import numpy as np

from snakeval.statistics.passk import FloatArray, mean_pass_at_k, outcome_counts

SHAPES = ((10_000, 100), (1_000, 1_000))
FLOOR = 200
REPEATS = 5
Result = TypeVar("Result")


def double_loop(rows: list[list[float]]) -> list[float]:
    """pass@k as it is usually written: for each problem, for each k, one estimate."""
    samples = len(rows[0])
    totals = [0.0] * samples
    for rewards in rows:
        correct = sum(reward >= 1 for reward in rewards)
        for k in range(1, samples + 1):
            totals[k - 1] += 1 - comb(samples - correct, k) / comb(samples, k)
    return [total / len(rows) for total in totals]


def from_matrix(rewards: FloatArray) -> FloatArray:
    """The same by snakeval."""
    return mean_pass_at_k(*outcome_counts(rewards))


def best(function: Callable[[], Result], repeats: int) -> tuple[float, Result]:
    """Shortest time of several runs in seconds, and the result."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = function()
        times.append(time.perf_counter() - start)
    return min(times), result


def main() -> int:
    """Measure all shapes; 1 if a ratio is below FLOOR."""
    rng = np.random.default_rng(0)
    ratios = []
    for problems, samples in SHAPES:
        chances = rng.beta(0.5, 0.5, size=(problems, 1))
        matrix = (rng.random((problems, samples)) < chances).astype(np.float64)
        rows = matrix.tolist()
        loop_seconds, expected = best(partial(double_loop, rows), repeats=1)
        seconds, found = best(partial(from_matrix, matrix), REPEATS)
        np.testing.assert_allclose(found, expected, rtol=1e-9)
        ratios.append(loop_seconds / seconds)
        print(
            f"{problems:,} problems x {samples:,} samples: double loop {loop_seconds:.2f} s, "
            f"snakeval {1000 * seconds:.2f} ms, ratio {ratios[-1]:,.0f}"
        )
    return int(min(ratios) < FLOOR)


if __name__ == "__main__":
    sys.exit(main())
