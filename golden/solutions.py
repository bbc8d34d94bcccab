"""Model solutions to GSM8K: OpenAI's with their labels, ToRA's with their mean scores."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from golden.figure import Figure, json_lines
from snakeval.grading.graders import Answer
from snakeval.grading.graders.math import outcomes

GSM8K = {
    "6b_finetuning": 21.68,
    "6b_verification": 39.04,
    "175b_finetuning": 34.72,
    "175b_verification": 56.25,
}
TORA = {"tora-70b-v1.0": 84.3, "tora-code-34b-v1.0": 80.7}
WHY_TORA = "the published scorer also takes an answer that is 100 times too large or small for a percentage"


def gsm8k(data: Path) -> Iterator[Figure]:
    rows = json_lines(data / "gsm8k" / "example_model_solutions.jsonl")
    for model, published in GSM8K.items():
        right = _right([(row["ground_truth"], row[model]["solution"]) for row in rows])
        labels = [row[model]["is_correct"] for row in rows]
        differing = [f"row {i}" for i, (a, b) in enumerate(zip(right, labels, strict=True)) if a != b]
        yield Figure(
            "GSM8K example solutions", model, published, 100 * sum(right) / len(right), 0.005, differing
        )


def tora(data: Path) -> Iterator[Figure]:
    """No label a row is published, only the mean; the second figure allows for percentages."""
    for model, published in TORA.items():
        rows = json_lines(data / "math_outputs" / "tora" / f"{model}.gsm8k.jsonl")
        ours = _right([(row["gt"], row["pred"][0]) for row in rows])
        percentages = [i for i, row in enumerate(rows) if not ours[i] and _is_percentage(row)]
        score = 100 * sum(ours) / len(rows)
        differing = [f"row {rows[i]['idx']}: {rows[i]['pred'][0]} for {rows[i]['gt']}" for i in percentages]
        yield Figure(
            "ToRA on GSM8K", model, published, score, 0.05, differing, WHY_TORA if differing else None
        )
        allowing = score + 100 * len(percentages) / len(rows)
        yield Figure("ToRA on GSM8K", f"{model}, percentages allowed", published, allowing, 0.05)


def _right(pairs: Sequence[tuple[object, object]]) -> list[bool]:
    answers = [Answer(str(i), str(gold), str(text)) for i, (gold, text) in enumerate(pairs)]
    return [outcome.verdict == "correct" for outcome in outcomes(answers, 60, 2)]


def _is_percentage(row: Mapping[str, Any]) -> bool:
    try:
        given, gold = (float(str(text).replace(",", "")) for text in (row["pred"][0], row["gt"]))
    except ValueError:
        return False
    return any(math.isclose(given * factor, gold, rel_tol=1e-3) for factor in (0.01, 100))
