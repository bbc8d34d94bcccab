"""Qwen2.5-Math's example run: 100 problems x 8 samples with scores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from golden.figure import Figure, json_lines
from snakeval.scoring.votes import votes
from snakeval.statistics.passk import maj_at_k, mean_pass_at_k, outcome_counts

PUBLISHED = {1: 0.91, 2: 0.93286, 4: 0.951, 8: 0.96}
FILE = "math_outputs/qwen_rm_maj_example/math_cot_100.jsonl"


def figures(data: Path) -> Iterator[Figure]:
    rows = json_lines(data / FILE)
    scores = [[float(score) for score in row["score"]] for row in rows]
    values = mean_pass_at_k(*outcome_counts(scores))
    for k, published in PUBLISHED.items():
        yield Figure("Qwen2.5-Math example", f"pass@{k}", published, float(values[k - 1]), 5e-6)
    given = [[answer or None for answer in row["pred"]] for row in rows]
    answers = [votes(*each) for each in zip(given, scores, strict=True)]
    yield Figure("Qwen2.5-Math example", "maj@8", 93, float(maj_at_k(answers, scores, 8).sum()))
    yield Figure("Qwen2.5-Math example", "correct samples", 728, float(np.sum(scores)))
