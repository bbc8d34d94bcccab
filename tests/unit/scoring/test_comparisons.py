"""Paired tests against constructed truth: level, power, coverage, corrections, what is refused."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from snakeval.scoring.comparisons import (
    Comparison,
    ComparisonError,
    compare,
    holm,
    read_outcomes,
    to_csv,
    to_json,
    to_table,
)
from snakeval.statistics.paired import MCNEMAR, PAIRED_T, Outcomes, corrected, mcnemar, paired_t
from snakeval.system.tables import write_rows
from snakeval.types import Grade

NAMES = {"benchmark": "b", "grader": "math", "model": "new", "other": "old"}


def outcomes(c: list[int] | np.ndarray[tuple[int, ...], np.dtype[np.int64]], n: int = 1) -> Outcomes:
    correct = np.asarray(c, dtype=np.int64)
    names = tuple(f"p{i:04}" for i in range(len(correct)))
    return Outcomes(names, np.full(len(correct), n, dtype=np.int64), correct)


def drawn(
    rng: np.random.Generator, chances: np.ndarray[tuple[int, ...], np.dtype[np.float64]], n: int
) -> Outcomes:
    return outcomes(rng.binomial(n, chances), n)


def one(model: Outcomes, other: Outcomes, k: int = 1, rounds: int = 200, seed: int = 0) -> Comparison:
    (found,) = compare(model, other, [k], rounds=rounds, seed=seed, names=NAMES)
    return found


def test_single_samples_are_mcnemars() -> None:
    model, other = outcomes([1] * 9 + [0] + [1] * 5), outcomes([0] * 9 + [1] + [1] * 5)
    found = one(model, other)
    assert (found.test, found.better, found.worse) == (MCNEMAR, 9, 1)
    assert found.p == pytest.approx(stats.binomtest(9, 10, 0.5).pvalue) == pytest.approx(22 / 1024)
    assert found.difference == pytest.approx(8 / 15)
    assert found.lower < found.difference < found.upper


def test_several_samples_are_a_paired_t_test_over_problems() -> None:
    rng = np.random.default_rng(0)
    model, other = (drawn(rng, rng.random(40), 8) for _ in range(2))
    found = one(model, other)
    assert found.test == PAIRED_T
    assert found.p == pytest.approx(stats.ttest_rel(model.c / 8, other.c / 8).pvalue)


@pytest.mark.parametrize(("n", "k"), [(1, 1), (8, 1), (8, 4)])
def test_models_alike_differ_as_often_as_the_level_says(n: int, k: int) -> None:
    """Two models with the same chances: p < 0.05 in about 5% of trials at most, intervals hold 0 in 95%."""
    rng = np.random.default_rng(1)
    trials, rejected, held = 400, 0, 0
    for trial in range(trials):
        chances = rng.beta(0.7, 0.7, size=60)
        found = one(drawn(rng, chances, n), drawn(rng, chances, n), k, rounds=500, seed=trial)
        rejected += found.p < 0.05
        held += found.lower <= 0 <= found.upper
    assert rejected / trials <= 0.075  # McNemar's test, being exact, rejects less often than allowed
    assert n == 1 or rejected / trials >= 0.025
    assert held / trials >= 0.905  # of 60 problems, percentiles of a bootstrap hold a little less


def test_a_better_model_is_found_and_its_difference_covered() -> None:
    rng = np.random.default_rng(2)
    found_it, held = 0, 0
    for trial in range(100):
        chances = rng.uniform(0.1, 0.7, size=150)
        found = one(drawn(rng, chances + 0.1, 8), drawn(rng, chances, 8), seed=trial)
        found_it += found.p < 0.05 and found.difference > 0
        held += found.lower <= 0.1 <= found.upper
    assert found_it >= 95
    assert held >= 88


def test_pairing_sees_what_intervals_side_by_side_do_not() -> None:
    """One model solves what the other does and four problems more: each one's own interval hides that."""
    base = [1] * 48 + [0] * 52
    better = [1] * 58 + [0] * 42
    found = one(outcomes(better), outcomes(base), rounds=1000)
    assert found.lower > 0
    assert found.p < 0.01


def test_every_k_that_both_have_and_no_more() -> None:
    model, other = outcomes([3, 1], 4), outcomes([1, 1], 2)
    ks = [row.metric for row in compare(model, other, [1, 2, 4], rounds=10, seed=0, names=NAMES)]
    assert ks == ["pass@1", "pass@2"]
    powers = compare(outcomes([3, 1], 5), outcomes([1, 1], 5), [], rounds=10, seed=0, names=NAMES)
    assert [row.metric for row in powers] == ["pass@1", "pass@2", "pass@4"]


def test_other_problems_are_refused() -> None:
    with pytest.raises(ComparisonError, match="new and old do not have the same problems of b: 1 are"):
        one(outcomes([1, 0, 1]), outcomes([1, 0]))


def test_holm_as_published() -> None:
    """The step-down procedure by hand: 4 x 0.005, 3 x 0.01, 2 x 0.03, none smaller than the one before."""
    assert corrected([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert corrected([]) == []
    assert corrected([0.9, 0.8]) == pytest.approx([1.0, 1.0])


def test_holm_keeps_the_level_of_the_whole_table() -> None:
    rng = np.random.default_rng(3)
    wrong = sum(min(corrected(rng.random(10).tolist())) < 0.05 for _ in range(1000))
    assert wrong / 1000 <= 0.07


def test_extremes_have_p_values_too() -> None:
    assert mcnemar(np.zeros(5)) == 1
    assert paired_t(np.zeros(5)) == 1
    assert paired_t(np.full(5, 0.25)) == 0
    assert paired_t(np.full(5, -0.25), -0.1, "less") == 0
    assert paired_t(np.full(5, -0.25), -0.3, "less") == 1
    assert paired_t(np.array([0.5])) == 1


def test_grades_become_outcomes(tmp_path: Path) -> None:
    given: dict[str, list[float | None]] = {"b": [1.0, 0.5, None], "a": [1.0, 1.0, 0.0]}
    rows = [
        Grade(name, i, "d", reward, None, "correct")
        for name, rewards in given.items()
        for i, reward in enumerate(rewards)
    ]
    write_rows(tmp_path / "g.parquet", Grade, rows)
    found = read_outcomes(tmp_path / "g.parquet")
    assert found.problems == ("a", "b")
    assert found.n.tolist() == [3, 3]
    assert found.c.tolist() == [2, 1]


def test_files_hold_all_and_tables_percent() -> None:
    table = holm([one(outcomes([1, 1, 0, 1]), outcomes([0, 1, 0, 0]))])
    (row,) = csv.DictReader(io.StringIO(to_csv(table)))
    assert (row["difference"], row["model"], row["other"]) == ("0.5", "new", "old")
    assert json.loads(to_json(table))[0]["p_holm"] == 0.5
    shown = to_table(table)
    for words in ("+50.00", "pass@1", MCNEMAR, "0.5000", "75.00"):
        assert words in shown
