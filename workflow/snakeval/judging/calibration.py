"""Grades of a judge of single answers -> how far it can be trusted, beside other graders and people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from snakeval.formats.people import read_points
from snakeval.statistics.agreement import point_agreement
from snakeval.statistics.judged import Rate, corrected_accuracy, effective_size
from snakeval.system.tables import read_rows
from snakeval.types import Grade, Json

Key = tuple[str, str, int]  # problem, model, sample index


@dataclass(frozen=True, slots=True)
class Graded:
    """One grader's rewards by answer; None where nobody knows."""

    rewards: Mapping[Key, float | None]

    @property
    def null(self) -> int:
        """Answers without a verdict."""
        return sum(reward is None for reward in self.rewards.values())


def read_grades(paths: Iterable[Path]) -> Graded:
    """Grades of several models, whose names are the folders that the files lie in."""
    rewards: dict[Key, float | None] = {}
    for path in paths:
        for row in read_rows(path, Grade):
            rewards[row.problem_id, path.parent.name, row.sample_index] = row.reward
    return Graded(rewards)


def calibration(
    judged: Graded, others: Mapping[str, Graded], people: Path | None, *, benchmark: str, grader: str
) -> Json:
    """What is known of a judge: answers without a verdict, agreement with each other grader and with people.

    `others` are the benchmark's other graders, `people` a file of points. Each agreement is that of
    `statistics.agreement.point_agreement`, with the two kinds of error besides; None without common answers.
    With people, `corrected` has each model's share of right answers by the judge (`judged`), and with the
    judge's errors taken out (`accuracy`, its 95% interval `ci95`; see `statistics.judged`).
    """
    human = Graded(dict(read_points(people))) if people else None
    corrected = _corrected(judged, human) if human else {}
    return {
        "benchmark": benchmark,
        "grader": grader,
        "answers": len(judged.rewards),
        "null": judged.null,
        "against": {name: _agreement(judged, other) for name, other in sorted(others.items())},
        "human": _agreement(judged, human) if human else None,
        **({"corrected": corrected} if corrected else {}),
    }


def _corrected(judged: Graded, human: Graded) -> Json:
    known = [
        (reward >= 1, truth >= 1)
        for key, truth in human.rewards.items()
        if truth is not None and (reward := judged.rewards.get(key)) is not None
    ]
    right = Rate(sum(ours for ours, truth in known if truth), sum(truth for _, truth in known))
    wrong = Rate(sum(not ours for ours, truth in known if not truth), sum(not truth for _, truth in known))
    shown: Json = {}
    for model in sorted({model for _, model, _ in judged.rewards}):
        graded = {key: reward for key, reward in judged.rewards.items() if key[1] == model}
        rewards = {key: float(reward >= 1) for key, reward in graded.items() if reward is not None}
        if not rewards:
            continue
        share = sum(rewards.values()) / len(rewards)
        size = effective_size([problem for problem, _, _ in rewards], list(rewards.values()))
        if found := corrected_accuracy(share, size, right, wrong):
            shown[model] = {
                "judged": share,
                "accuracy": found.accuracy,
                "ci95": [found.lower, found.upper],
                "sensitivity": right.hits / right.of,
                "specificity": wrong.hits / wrong.of,
            }
    return shown


def read_calibrations(paths: Iterable[Path]) -> list[Json]:
    """The files that `calibration`'s results were written to, sorted by benchmark and grader."""
    found: list[Json] = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    return sorted(found, key=lambda entry: (entry["benchmark"], entry["grader"]))


def _agreement(judged: Graded, other: Graded) -> Json | None:
    both = [
        (reward, known)
        for key, reward in judged.rewards.items()
        if reward is not None and (known := other.rewards.get(key)) is not None
    ]
    found = point_agreement([ours for ours, _ in both], [theirs for _, theirs in both])
    if found is None:
        return None
    return {
        **found,
        "wrongly_right": sum(ours >= 1 > theirs for ours, theirs in both),
        "wrongly_wrong": sum(theirs >= 1 > ours for ours, theirs in both),
    }
