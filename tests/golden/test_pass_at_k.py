"""pass@k and maj@k against published outputs: Qwen2.5-Math's example run and lighteval's test cases."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from snakeval.statistics.passk import maj_at_k, mean_pass_at_k, outcome_counts
from snakeval.types import Json

pytestmark = pytest.mark.golden
LIGHTEVAL = "code/lighteval_pass_at_k_fixtures"


def require(path: Path) -> Path:
    if not path.exists():
        pytest.skip(f"no published data: {path} is not there")
    return path


@pytest.fixture(scope="module")
def qwen(data_dir: Path) -> list[Json]:
    path = require(data_dir / "math_outputs" / "qwen_rm_maj_example" / "math_cot_100.jsonl")
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def test_qwen_pass_at_k(qwen: list[Json]) -> None:
    scores = np.array([row["score"] for row in qwen], dtype=np.float64)
    assert scores.shape == (100, 8)
    assert scores.sum() == 728
    values = mean_pass_at_k(*outcome_counts(scores))
    assert {k: round(float(values[k - 1]), 5) for k in (1, 2, 4, 8)} == {
        1: 0.91,
        2: 0.93286,
        4: 0.951,
        8: 0.96,
    }


def test_qwen_majority(qwen: list[Json]) -> None:
    """93 of 100 is published, with ties to the answer seen first; sharing their credit gives 92.5."""
    answers = [[answer or None for answer in row["pred"]] for row in qwen]
    scores = [[float(score) for score in row["score"]] for row in qwen]
    assert maj_at_k(answers, scores, 8).sum() == 93
    assert maj_at_k(answers, scores, 8, ties="share").sum() == pytest.approx(92.5)


def cases(data_dir: Path, name: str) -> list[Json]:
    found: Json = json.loads(require(data_dir / LIGHTEVAL / f"{name}.json").read_text(encoding="utf-8"))
    return list(found["test_cases"])


def is_gold(case: Json) -> list[float]:
    """Rewards of a case's answers by string equality with a gold choice."""
    index = case["doc"]["gold_index"]
    gold = {case["doc"]["choices"][i] for i in (index if isinstance(index, list) else [index])}
    return [float(text in gold) for text in case["model_response"]["text"]]


@pytest.mark.parametrize("name", ["pass_at_k", "pass_at_k_math"])
def test_lighteval_pass_at_k(data_dir: Path, name: str) -> None:
    for case in cases(data_dir, name):
        k, n = case["metric_params"]["k"], case["metric_params"]["n"]
        values = mean_pass_at_k(*outcome_counts([is_gold(case)[:n]]))
        expected = case["expected_output"][f"pass@k:k={k}&n={n}"]
        assert values[k - 1] == pytest.approx(expected, abs=case["tolerance"]), case["name"]


def test_lighteval_g_pass_at_k_with_threshold_zero_is_pass_at_k(data_dir: Path) -> None:
    for case in cases(data_dir, "g_pass_at_k"):
        k, n = case["metric_params"]["k"], case["metric_params"]["n"]
        values = mean_pass_at_k(*outcome_counts([is_gold(case)[:n]]))
        expected = case["expected_output"][f"g-pass@{k}_0.0"]
        assert values[k - 1] == pytest.approx(expected, abs=1e-12), case["name"]


def test_lighteval_majority_ties_go_to_the_first(data_dir: Path) -> None:
    for case in cases(data_dir, "maj_at_k"):
        k = case["metric_params"]["k"]
        value = maj_at_k([case["model_response"]["text"]], [is_gold(case)], k)[0]
        assert value == case["expected_output"][f"maj@k:k={k}"], case["name"]


def test_codet_samples(data_dir: Path) -> None:
    """100 samples a problem of CodeGen-16B on HumanEval; the counts of passing ones lie beside them."""
    folder = data_dir / "code" / "codet_codegen16b_samples"
    path = require(folder / "codet_codegen16b_counts_measured_here.json")
    counts: dict[str, int] = json.loads(path.read_text(encoding="utf-8"))
    assert (len(counts), sum(counts.values())) == (164, 3_622)
    values = 100 * mean_pass_at_k([100] * len(counts), list(counts.values()))
    expected = {1: 22.09, 2: 30.77, 5: 42.01, 10: 50.37, 50: 68.69, 100: 73.78}
    assert {k: round(float(values[k - 1]), 2) for k in expected} == expected
