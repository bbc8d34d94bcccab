"""Accuracy by an imperfect judge: against exact cases, the authors' program, and simulated judges."""

from __future__ import annotations

import numpy as np
import pytest

from snakeval.statistics.judged import Rate, corrected_accuracy, effective_size


@pytest.mark.parametrize(
    ("truth", "sensitivity", "specificity"), [(0.3, 0.9, 0.7), (0.75, 0.9, 0.7), (0.9, 0.6, 0.8), (0.5, 1, 1)]
)
def test_the_truth_comes_out_of_what_such_a_judge_says(
    truth: float, sensitivity: float, specificity: float
) -> None:
    judged = truth * sensitivity + (1 - truth) * (1 - specificity)
    right, wrong = Rate(round(1000 * sensitivity), 1000), Rate(round(1000 * specificity), 1000)
    found = corrected_accuracy(judged, 500, right, wrong)
    assert found is not None
    assert found.accuracy == pytest.approx(truth)
    assert found.lower < truth < found.upper


# Shares, sizes and the interval that the authors' program gives for them
# (UW-Madison-Lee-Lab/LLM-judge-reporting at 082884d07518).
PUBLISHED = [
    (0.6, 100, Rate(45, 50), Rate(35, 50), 0.5, 0.2817542714040533, 0.7023861355021772),
    (0.3, 50, Rate(8, 10), Rate(9, 10), 2 / 7, 0.0, 0.5766859066568838),
    (0.92, 1000, Rate(190, 200), Rate(60, 100), 0.52 / 0.55, 0.8874600233487362, 1.0),
    (0.85, 100, Rate(80, 100), Rate(80, 100), 1.0, 0.8995794329371062, 1.0),
    (0.05, 20, Rate(3, 4), Rate(5, 6), 0.0, 0.0, 0.40183447133128936),
]


@pytest.mark.parametrize(("judged", "n", "right", "wrong", "accuracy", "lower", "upper"), PUBLISHED)
def test_the_authors_intervals(
    judged: float, n: int, right: Rate, wrong: Rate, accuracy: float, lower: float, upper: float
) -> None:
    assert corrected_accuracy(judged, n, right, wrong) == pytest.approx((accuracy, lower, upper))


def test_a_judge_without_errors_gives_the_interval_of_a_share() -> None:
    found = corrected_accuracy(0.6, 200, Rate(10**7, 10**7), Rate(10**7, 10**7))
    assert found is not None
    centre, z2 = (120 + 1.9207) / 203.8415, 3.84146
    arm = (z2 * centre * (1 - centre) / 203.8415) ** 0.5
    assert (found.lower, found.upper) == pytest.approx((centre - arm, centre + arm), abs=1e-4)


def test_fewer_calibrated_answers_are_less_certain() -> None:
    widths = []
    for m in (10, 100, 1000):
        found = corrected_accuracy(0.6, 1000, Rate(9 * m // 10, m), Rate(7 * m // 10, m))
        assert found is not None
        widths.append(found.upper - found.lower)
    assert widths[0] > widths[1] > widths[2]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (Rate(0, 0), Rate(5, 9)),
        (Rate(5, 9), Rate(0, 0)),
        (Rate(5, 10), Rate(5, 10)),
        (Rate(1, 10), Rate(2, 10)),
    ],
)
def test_no_correction_by_a_judge_of_whom_nothing_is_known_or_no_better_than_chance(
    right: Rate, wrong: Rate
) -> None:
    assert corrected_accuracy(0.6, 100, right, wrong) is None


@pytest.mark.parametrize(("truth", "q1", "q0", "m"), [(0.4, 0.9, 0.8, 100), (0.7, 0.8, 0.7, 200)])
def test_the_interval_covers_the_truth_as_often_as_it_says(
    truth: float, q1: float, q0: float, m: int
) -> None:
    rng, n, rounds = np.random.default_rng(7), 300, 2000
    covered = uncorrected = 0
    for _ in range(rounds):
        judged = rng.binomial(n, truth * q1 + (1 - truth) * (1 - q0)) / n
        found = corrected_accuracy(
            judged, n, Rate(int(rng.binomial(m, q1)), m), Rate(int(rng.binomial(m, q0)), m)
        )
        assert found is not None
        covered += found.lower <= truth <= found.upper
        uncorrected += abs(judged - truth) <= 1.96 * (judged * (1 - judged) / n) ** 0.5
    assert 0.935 <= covered / rounds <= 0.97
    assert uncorrected / rounds < 0.9


def test_answers_that_share_a_problem_say_less() -> None:
    alone = np.repeat([0.0, 1.0], 50)
    assert effective_size(np.arange(100), alone) == pytest.approx(99)
    # Four samples of each of 25 problems that all end alike are 25 answers, less the degree of freedom.
    alike = np.repeat([0.0] * 12 + [1.0] * 13, 4)
    assert effective_size(np.repeat(np.arange(25), 4), alike) == pytest.approx(24)
    # Where problems do not matter it stays what it is.
    rng = np.random.default_rng(1)
    mixed = effective_size(np.repeat(np.arange(500), 4), rng.integers(0, 2, 2000))
    assert 1700 < mixed <= 2000
    assert effective_size(["a", "a"], [1, 0]) == 2
    assert effective_size(["a", "b"], [1, 1]) == 2
