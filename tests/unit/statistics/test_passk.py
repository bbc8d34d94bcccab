"""pass@k against exact binomials and brute force over subsets; maj@k against votes counted by hand."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

from snakeval.statistics.passk import Ties, cells, maj_at_k, mean_pass_at_k, outcome_counts, pass_at_k


def exact(n: int, c: int, k: int) -> float:
    return float(1 - Fraction(math.comb(n - c, k), math.comb(n, k)))


@pytest.mark.parametrize("n", [1, 2, 5, 12])
def test_equals_the_share_of_subsets_with_a_correct_sample(n: int) -> None:
    for c in range(n + 1):
        values = pass_at_k([n], [c])[0]
        for k in range(1, n + 1):
            subsets = [any(i < c for i in chosen) for chosen in combinations(range(n), k)]
            assert values[k - 1] == pytest.approx(np.mean(subsets), abs=1e-15)


@pytest.mark.parametrize("c", [0, 1, 2, 50, 5_000, 9_998, 9_999, 10_000])
def test_ten_thousand_samples_stay_exact(c: int) -> None:
    values = pass_at_k([10_000], [c])[0]
    for k in (1, 2, 3, 100, 4_999, 5_000, 9_999, 10_000):
        assert values[k - 1] == pytest.approx(exact(10_000, c, k), rel=1e-10, abs=1e-12)


def test_rises_with_k_and_stays_a_probability() -> None:
    values = pass_at_k([300] * 4, [0, 1, 150, 300])
    assert values.shape == (4, 300)
    assert ((values >= 0) & (values <= 1)).all()
    assert (np.diff(values, axis=1) >= 0).all()
    assert (values[0] == 0).all()
    assert (values[3] == 1).all()


def test_pass_at_1_is_the_share_of_correct_samples() -> None:
    assert pass_at_k([7, 9, 4], [3, 0, 4])[:, 0].tolist() == pytest.approx([3 / 7, 0, 1])


def test_differing_n_go_up_to_the_smallest() -> None:
    values = pass_at_k([3, 8], [1, 2])
    assert values.shape == (2, 3)
    assert values[1].tolist() == pytest.approx([exact(8, 2, k) for k in (1, 2, 3)])


def test_mean_over_problems_is_that_of_the_problems_one_by_one() -> None:
    rng = np.random.default_rng(5)
    n = rng.integers(6, 9, size=200)
    c = rng.integers(0, n + 1)
    assert mean_pass_at_k(n, c) == pytest.approx(pass_at_k(n, c).mean(axis=0))
    grouped = cells(n, c)
    assert grouped.problems.sum() == 200
    assert (grouped.n * grouped.problems).sum() == n.sum()
    assert (grouped.c * grouped.problems).sum() == c.sum()


def test_counts_of_a_reward_matrix() -> None:
    n, c = outcome_counts([[1.0, 0.0, 1.0], [0.5, 0.99, float("nan")]])
    assert n.tolist() == [3, 3]
    assert c.tolist() == [2, 0]


@pytest.mark.parametrize(
    ("n", "c"), [([], []), ([3], [4]), ([3], [-1]), ([0], [0]), ([3, 3], [1]), ([[3]], [[1]])]
)
def test_impossible_counts_are_refused(n: list[int], c: list[int]) -> None:
    with pytest.raises(ValueError, match=r"n and c|n >= 1"):
        pass_at_k(n, c)


@pytest.mark.parametrize("k", [0, 4])
def test_k_beyond_the_samples_is_refused(k: int) -> None:
    with pytest.raises(ValueError, match="smallest number of samples, 3"):
        pass_at_k([3, 5], [1, 1], max_k=k)


@pytest.mark.parametrize(
    ("answers", "rewards", "k", "ties", "expected"),
    [
        (["a", "b", "a"], [1, 0, 1], 3, "first", 1),
        (["b", "a", "a"], [0, 1, 1], 1, "first", 0),
        (["a", "b"], [1, 0], 2, "first", 1),
        (["b", "a"], [0, 1], 2, "first", 0),
        (["b", "a"], [0, 1], 2, "share", 0.5),
        (["a", "b", "c"], [1, 0, 0], 3, "share", 1 / 3),
        ([None, None, "a"], [0, 0, 1], 3, "first", 1),
        ([None, None], [0, 0], 2, "share", 0),
        (["", "", "a"], [0, 0, 1], 3, "first", 0),
        (["a", "a", "b"], [1, 0, 0], 3, "first", 0.5),
    ],
)
def test_majority(
    answers: list[str | None], rewards: list[float], k: int, ties: Ties, expected: float
) -> None:
    assert maj_at_k([answers], [rewards], k, ties).tolist() == pytest.approx([expected])
