"""The data set's own solutions under our verifier; the published model solutions are in the golden lab."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from snakeval.answers.extract import extract
from snakeval.grading.graders import Answer
from snakeval.grading.graders.math import outcomes

pytestmark = pytest.mark.golden


def read(data_dir: Path, name: str) -> list[dict[str, Any]]:
    path = data_dir / "gsm8k" / name
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    return [json.loads(line) for line in path.read_bytes().splitlines()]


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
