"""pass^k, G-Pass@k and mG-Pass@k against all subsets of samples, and as the metrics have them."""

from __future__ import annotations

from itertools import combinations
from math import ceil

import numpy as np
import pytest

from snakeval.scoring.steadiness import LARGEST_K, THRESHOLDS, by_name, columns, shown_ks
from snakeval.statistics.passk import g_pass_at_k, mg_pass_at_k, pass_at_k, pass_hat_k


def drawn(n: int, c: int, k: int) -> list[int]:
    """How many of each k of n samples are correct, of which the first c are."""
    return [sum(i < c for i in chosen) for chosen in combinations(range(n), k)]


@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_all_three_are_shares_of_subsets(n: int) -> None:
    for c in range(n + 1):
        for k in range(1, n + 1):
            right = np.array(drawn(n, c, k))
            assert pass_hat_k([n], [c])[0, k - 1] == pytest.approx(np.mean(right == k), abs=1e-12)
            for share in (*THRESHOLDS, 1.0):
                expected = np.mean(right >= max(1, ceil(share * k)))
                assert g_pass_at_k([n], [c], k, share)[0] == pytest.approx(expected, abs=1e-12)
            # The area: for a subset with r correct, 2/k for each of the counts above k/2 that r reaches.
            area = np.mean(np.maximum(right - ceil(k / 2), 0)) * 2 / k
            assert mg_pass_at_k([n], [c], k)[0] == pytest.approx(area, abs=1e-12)


def test_pass_hat_k_falls_with_k_and_mirrors_pass_at_k() -> None:
    n, c = [300] * 4, np.array([0, 1, 150, 300])
    values = pass_hat_k(n, c)
    assert (np.diff(values, axis=1) <= 0).all()
    # All k right is: not one wrong.
    assert values == pytest.approx(1 - pass_at_k(n, 300 - c), abs=1e-12)
    with pytest.raises(ValueError, match="k goes from 1"):
        pass_hat_k([3], [1], 4)


@pytest.mark.parametrize(
    ("n", "expected"),
    [(1, []), (2, [2]), (3, [2, 3]), (8, [2, 4, 8]), (16, [2, 4, 8, 16]), (200, [2, 4, 8, 16, 32, 64])],
)
def test_the_ks_that_are_shown(n: int, expected: list[int]) -> None:
    assert shown_ks(n) == expected
    assert max(expected, default=0) <= LARGEST_K


def test_as_the_metrics_have_them() -> None:
    table = columns([4, 4], [2, 4], 4)
    found = by_name(table.mean(axis=0), 4)
    assert found["pass_hat_k"] == pytest.approx({"1": 0.75, "2": (1 / 6 + 1) / 2, "3": 0.5, "4": 0.5})
    assert found["g_pass_at_k"]["0.5"]["4"] == 1.0
    assert found["g_pass_at_k"]["0.75"] == pytest.approx({"2": 7 / 12, "4": 0.5})
    assert found["mg_pass_at_k"] == pytest.approx({"2": 7 / 12, "4": 0.5})
    intervals = by_name(np.stack([table.min(axis=0), table.max(axis=0)], axis=1), 4)
    assert intervals["pass_hat_k"]["4"] == [0.0, 1.0]


def test_a_single_sample_has_no_more_than_pass_hat_1() -> None:
    assert by_name(columns([1, 1], [0, 1], 1).mean(axis=0), 1) == {
        "pass_hat_k": {"1": 0.5},
        "g_pass_at_k": {},
        "mg_pass_at_k": {},
    }
