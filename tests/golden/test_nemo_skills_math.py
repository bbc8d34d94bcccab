"""NeMo-Skills' own fixture: graded outputs and the metrics they must give."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from snakeval.passk import maj_at_k, mean_pass_at_k, outcome_counts
from snakeval.types import Json

pytestmark = pytest.mark.golden


class Fixture:
    """Samples of one benchmark, `rewards[p][i]` and `answers[p][i]`, and the metrics published for them."""

    def __init__(self, data_dir: Path, benchmark: str, subset: str | None = None) -> None:
        folder = data_dir / "nemo_skills_eval_fixtures" / "eval-results"
        if not folder.is_dir():
            pytest.skip(f"no published data: {folder} is not there")
        runs = [
            [row for row in _rows(path) if subset in (None, row.get("subset_for_metrics"))]
            for path in sorted((folder / benchmark).glob("output-rs*.jsonl-test"))
        ]
        problems: Sequence[tuple[Json, ...]] = list(zip(*runs, strict=True))
        self.rewards = [[float(row["symbolic_correct"]) for row in rows] for rows in problems]
        self.answers = [[row["predicted_answer"] for row in rows] for rows in problems]
        metrics: Json = json.loads((folder / "metrics.json-test").read_text(encoding="utf-8"))
        self.published: Json = metrics[f"{benchmark}-{subset}" if subset else benchmark]
        self.samples = len(runs)

    def expected(self, metric: str) -> float:
        """A published metric in percent."""
        return float(self.published[metric]["symbolic_correct"])


def _rows(path: Path) -> list[Json]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


CASES = [("math", None), ("math", "aime25"), ("math", "aime24"), ("gpqa", None)]


@pytest.mark.parametrize(("benchmark", "subset"), CASES)
def test_average_and_pass_at_k(data_dir: Path, benchmark: str, subset: str | None) -> None:
    """Published pass@k is the unbiased estimate over all samples; the average of n is pass@1."""
    fixture = Fixture(data_dir, benchmark, subset)
    values = 100 * mean_pass_at_k(*outcome_counts(fixture.rewards))
    assert values[0] == pytest.approx(fixture.expected(f"pass@1[avg-of-{fixture.samples}]"))
    for k in range(1, fixture.samples + 1):
        assert values[k - 1] == pytest.approx(fixture.expected(f"pass@{k}"))


@pytest.mark.parametrize(("benchmark", "subset"), CASES)
def test_majority_shares_the_credit_of_ties(data_dir: Path, benchmark: str, subset: str | None) -> None:
    fixture = Fixture(data_dir, benchmark, subset)
    for k in range(2, fixture.samples + 1):
        value = 100 * maj_at_k(fixture.answers, fixture.rewards, k, ties="share").mean()
        assert value == pytest.approx(fixture.expected(f"majority@{k}"))


def test_the_figures_of_the_math_part(data_dir: Path) -> None:
    fixture = Fixture(data_dir, "math")
    rewards, answers = fixture.rewards, fixture.answers
    assert round(100 * float(np.mean(rewards)), 2) == 71.43
    assert round(100 * float(maj_at_k(answers, rewards, 3, ties="share").mean()), 2) == 76.19
    assert round(100 * float(mean_pass_at_k(*outcome_counts(rewards))[2]), 2) == 85.71
    # Of three answers to one problem none repeats, and the first of them is wrong: 76.19 needs the share.
    assert round(100 * float(maj_at_k(answers, rewards, 3).mean()), 2) == 71.43
