"""The gate fails for a checkpoint that is worse, and says which; it lets noise and margins pass."""

from __future__ import annotations

import numpy as np
import pytest

from snakeval.scoring.comparisons import ComparisonError
from snakeval.scoring.gate import Check, GateError, checks, enforce, to_table
from snakeval.statistics.paired import Outcomes
from unit.scoring.test_comparisons import drawn, outcomes


def run(
    model: Outcomes, parent: Outcomes, k: int = 1, margin: float = 0.0, alpha: float = 0.05
) -> list[Check]:
    return checks({("b", "math", "step-2", "step-1"): (model, parent)}, k=k, margin=margin, alpha=alpha)


def test_a_checkpoint_that_lost_much_fails() -> None:
    rng = np.random.default_rng(0)
    (check,) = run(drawn(rng, np.full(80, 0.3), 8), drawn(rng, np.full(80, 0.6), 8))
    assert check.failed
    assert check.difference == pytest.approx(-0.3, abs=0.06)
    with pytest.raises(GateError, match="1 of 1 checks failed: pass@1 is below") as raised:
        enforce([check], "pass@1", 0.0, 0.05)
    assert "WORSE" in str(raised.value)
    assert "step-2" in str(raised.value)


def test_the_same_checkpoint_passes_beyond_the_margin() -> None:
    rng = np.random.default_rng(0)
    model, parent = drawn(rng, np.full(80, 0.5), 8), drawn(rng, np.full(80, 0.6), 8)
    assert run(model, parent)[0].failed
    assert not run(model, parent, margin=0.1)[0].failed
    assert not run(model, parent, margin=0.3)[0].failed


def test_noise_passes_as_often_as_the_level_says() -> None:
    rng = np.random.default_rng(1)
    for n in (1, 8):
        failed = 0
        for _ in range(400):
            chances = rng.beta(0.7, 0.7, size=60)
            failed += run(drawn(rng, chances, n), drawn(rng, chances, n))[0].failed
        assert failed / 400 <= 0.08


def test_one_missed_problem_is_no_reason_but_at_alpha_one() -> None:
    model, parent = outcomes([1] * 49 + [0]), outcomes([1] * 50)
    assert not run(model, parent)[0].failed
    assert run(model, parent, alpha=1)[0].failed
    assert not run(model, parent, alpha=1, margin=0.05)[0].failed
    assert not run(parent, model, alpha=1)[0].failed


def test_pass_at_k_is_gated_too() -> None:
    model, parent = outcomes([8] * 20 + [0] * 60, 8), outcomes([2] * 80, 8)
    assert not run(model, parent)[0].failed  # the mean is the same
    assert run(model, parent, k=8)[0].failed


def test_many_checks_are_corrected() -> None:
    """Eight problems lost of eight that differ: p = 1/256, which one check is sure of and forty are not."""
    pair = outcomes([0] * 8 + [1] * 40), outcomes([1] * 48)
    same = outcomes([1] * 48), outcomes([1] * 48)
    assert run(*pair)[0].failed
    table = checks(
        {("b", "math", f"m{i}", "p"): (pair if i == 0 else same) for i in range(40)},
        k=1,
        margin=0,
        alpha=0.05,
    )
    assert not any(check.failed for check in table)
    enforce(table, "pass@1", 0.0, 0.05)


def test_nothing_to_check_is_an_error() -> None:
    with pytest.raises(ComparisonError, match="no model has a parent"):
        checks({}, k=1, margin=0, alpha=0.05)
    with pytest.raises(ComparisonError, match="pass@4, but b has 1 samples"):
        run(outcomes([1]), outcomes([1]), k=4)
    with pytest.raises(ComparisonError, match="same problems"):
        run(outcomes([1]), outcomes([1, 0]))


def test_the_table_names_both_and_what_they_lost() -> None:
    shown = to_table(run(outcomes([0] * 20), outcomes([1] * 20)))
    for words in ("step-1", "step-2", "-100.00", "WORSE", "<0.0001"):
        assert words in shown
