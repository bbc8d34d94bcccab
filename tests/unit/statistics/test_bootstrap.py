"""The clustered bootstrap against theory, against itself under one seed, and under a bound on memory."""

from __future__ import annotations

import numpy as np
import pytest

from snakeval.statistics import bootstrap
from snakeval.statistics.bootstrap import mean_interval, percentiles, resampled_counts, resamples


def test_one_seed_one_result() -> None:
    values = np.random.default_rng(0).random((50, 3))
    first, again, other = (mean_interval(values, 200, seed) for seed in (1, 1, 2))
    assert first.shape == (2, 3)
    assert (first == again).all()
    assert (first != other).any()


def test_width_is_that_of_the_normal_limit() -> None:
    values = np.random.default_rng(1).normal(10, 2, size=(2_000, 1))
    lower, upper = mean_interval(values, 4_000, seed=0)[:, 0]
    expected = 2 * 1.96 * values.std() / np.sqrt(2_000)
    assert upper - lower == pytest.approx(expected, rel=0.05)
    assert (lower + upper) / 2 == pytest.approx(values.mean(), abs=expected / 20)


def test_covers_the_truth_at_about_its_level() -> None:
    rng = np.random.default_rng(2)
    inside = 0
    for trial in range(400):
        lower, upper = mean_interval(rng.random((60, 1)), 300, seed=trial)[:, 0]
        inside += lower <= 0.5 <= upper
    assert 0.90 < inside / 400 < 0.98


def test_problems_alike_may_be_given_once() -> None:
    kinds = np.array([[0.0, 0.2], [0.5, 0.7], [1.0, 1.0]])
    sizes = np.array([3, 10, 7])
    merged = mean_interval(kinds, 500, 3, problems=sizes)
    spelled_out = mean_interval(np.repeat(kinds, sizes, axis=0), 500, 3)
    assert merged == pytest.approx(spelled_out)


def test_figures_share_the_draws() -> None:
    values = np.random.default_rng(3).random(40)
    intervals = mean_interval(np.column_stack([values, 2 * values]), 300, 0)
    assert intervals[:, 1] == pytest.approx(2 * intervals[:, 0])


def test_one_problem_has_no_spread() -> None:
    assert mean_interval([[0.25]], 10, 0)[:, 0].tolist() == [0.25, 0.25]


def test_every_row_draws_as_many_problems_as_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "DRAWS_IN_MEMORY", 100)
    blocks = list(resampled_counts([5, 20, 5], rounds=11, seed=0))
    assert [len(block) for block in blocks] == [3, 3, 3, 2]
    assert all((block.sum(axis=1) == 30).all() for block in blocks)
    assert all(block.shape[1] == 3 for block in blocks)


def test_blocks_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "DRAWS_IN_MEMORY", 1_000)
    assert max(block.size for block in resamples(300, 100, 0)) <= 1_000
    assert [block.shape for block in resamples(5_000, 2, 0)] == [(1, 5_000), (1, 5_000)]


def test_percentiles_are_the_central_95() -> None:
    assert percentiles(np.arange(1_001, dtype=np.float64)[:, None])[:, 0].tolist() == pytest.approx([25, 975])


@pytest.mark.parametrize(("clusters", "rounds"), [(0, 10), (10, 0)])
def test_nothing_to_draw_is_refused(clusters: int, rounds: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        next(resamples(clusters, rounds, 0))
