"""NeMo-Skills' fixture: graded outputs and the metrics they must give, in percent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from golden.figure import Figure, json_lines
from snakeval.scoring.votes import votes
from snakeval.statistics.passk import maj_at_k, mean_pass_at_k, outcome_counts

FOLDER = "nemo_skills_eval_fixtures/eval-results"
SETS = ("math", "math-aime25", "math-aime24", "gpqa")
SOURCE = "NeMo-Skills fixture"


def figures(data: Path) -> Iterator[Figure]:
    published = json.loads((data / FOLDER / "metrics.json-test").read_text(encoding="utf-8"))
    for name in SETS:
        yield from _answers(data / FOLDER, name, published[name])
    yield from _tests(data / FOLDER, published["human-eval"])
    yield from _instructions(data / FOLDER, published["ifeval"]["pass@1"])


def _runs(folder: Path) -> list[tuple[dict[str, Any], ...]]:
    """One tuple of samples a problem."""
    paths = sorted(folder.glob("output-rs*.jsonl-test"))
    return list(zip(*(json_lines(path) for path in paths), strict=True))


def _answers(folder: Path, name: str, published: dict[str, Any]) -> Iterator[Figure]:
    benchmark, _, subset = name.partition("-")
    problems = [
        rows for rows in _runs(folder / benchmark) if not subset or rows[0]["subset_for_metrics"] == subset
    ]
    rewards = [[float(row["symbolic_correct"]) for row in rows] for rows in problems]
    given = [[row["predicted_answer"] for row in rows] for rows in problems]
    answers = [votes(*each) for each in zip(given, rewards, strict=True)]
    values = 100 * mean_pass_at_k(*outcome_counts(rewards))
    for k, value in enumerate(values, start=1):
        if (found := published.get(f"pass@{k}")) is not None:
            yield Figure(SOURCE, f"{name} pass@{k}", found["symbolic_correct"], float(value), 1e-6)
        if (found := published.get(f"majority@{k}")) is not None:
            vote = 100 * float(maj_at_k(answers, rewards, k, ties="share").mean())
            yield Figure(SOURCE, f"{name} majority@{k}", found["symbolic_correct"], vote, 1e-6)


def _tests(folder: Path, published: dict[str, Any]) -> Iterator[Figure]:
    problems = _runs(folder / "human-eval")
    for kind in ("base", "plus"):
        wanted = f"passing_{kind}_tests"
        rewards = [
            [float(row[f"is_correct{'-plus' if kind == 'plus' else ''}"]) for row in rows]
            for rows in problems
        ]
        for k, value in enumerate(100 * mean_pass_at_k(*outcome_counts(rewards)), start=1):
            yield Figure(
                SOURCE, f"human-eval {kind} pass@{k}", published[f"pass@{k}"][wanted], float(value), 1e-6
            )


def _instructions(folder: Path, published: dict[str, Any]) -> Iterator[Figure]:
    rows = json_lines(folder / "ifeval" / "output-rs0.jsonl-test")
    for kind in ("strict", "loose"):
        followed = [row[f"{kind}_eval"]["follow_instruction_list"] for row in rows]
        prompts = 100 * sum(map(all, followed)) / len(followed)
        parts = [part for parts in followed for part in parts]
        yield Figure(SOURCE, f"ifeval prompt {kind}", published[f"prompt_{kind}_accuracy"], prompts, 1e-6)
        accuracy = 100 * sum(parts) / len(parts)
        yield Figure(
            SOURCE, f"ifeval instruction {kind}", published[f"instruction_{kind}_accuracy"], accuracy, 1e-6
        )
