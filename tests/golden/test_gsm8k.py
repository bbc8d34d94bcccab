"""Our verifier against OpenAI's `is_correct` on GSM8K's published model solutions (5,276 of them).

Measured with math-verify 0.9.0: all 5,276 agree; there is no disagreement to list. 5,265 answers stand
behind the marker `A:`; 11 solutions were cut off before it, all labelled wrong. Ten of these hold some
last number, which the flexible rules compare (calculator notes, `<<5*1/2=2.5>>`, are taken out first), and
one is a bare number; none of them equals its reference by accident.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from snakeval.extract import extract
from snakeval.graders import Answer
from snakeval.graders.math import outcomes

FLOOR = 5276
MODELS = {"6b_finetuning": 286, "6b_verification": 515, "175b_finetuning": 458, "175b_verification": 742}

pytestmark = pytest.mark.golden


def read(data_dir: Path, name: str) -> list[dict[str, Any]]:
    path = data_dir / "gsm8k" / name
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_verdicts_agree_with_the_published_labels(data_dir: Path) -> None:
    rows = read(data_dir, "example_model_solutions.jsonl")
    samples = [(model, row) for row in rows for model in MODELS]
    answers = [Answer(model, row["ground_truth"], row[model]["solution"]) for model, row in samples]
    right: Counter[str] = Counter()
    found_by: Counter[str | None] = Counter()
    agreed = 0
    for (model, row), answer, outcome in zip(samples, answers, outcomes(answers, 60, 2), strict=True):
        right[model] += outcome.verdict == "correct"
        found_by[outcome.how] += 1
        if (outcome.verdict == "correct") == row[model]["is_correct"]:
            agreed += 1
        else:
            print(f"{model}: {answer.reference[-20:]!r}, {answer.text[-120:]!r}, ours {outcome}")
    print(f"GSM8K: {agreed} of {len(answers)} agree with is_correct; found by {dict(found_by)}")
    assert agreed >= FLOOR
    assert dict(right) == MODELS


def test_the_data_sets_own_solutions_are_right(data_dir: Path) -> None:
    solutions = [row["answer"] for row in read(data_dir, "test.jsonl")]
    assert len(solutions) == 1319
    numbers = [solution.rpartition("#### ")[2] for solution in solutions]
    assert all(
        found and found.how == "marked" and found.text == number
        for found, number in zip(map(extract, solutions), numbers, strict=True)
    )
    answers = [Answer(number, number, solution) for number, solution in zip(numbers, solutions, strict=True)]
    assert {outcome.verdict for outcome in outcomes(answers, 60, 2)} == {"correct"}
