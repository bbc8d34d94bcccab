"""Files with people's verdicts on the same answers that a judge has judged.

A file for a pairwise judge has one JSON object a line with `question`, `model`, `baseline` and `label`, one
of the five with the baseline as A and the model as B. A file for a judge of single answers has `problem_id`,
`model`, optionally `sample_index` (0), and `points`, the reward that people gave, from 0 to 1.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from snakeval.statistics.labels import LABELS, Label

PAIR_KEYS = {"question", "model", "baseline", "label"}
POINT_KEYS = {"problem_id", "model", "points"}


class HumanFileError(ValueError):
    """A file of people's verdicts cannot be used; the message names file, line and key."""


def read_pairs(path: Path) -> dict[tuple[str, str, str], Label]:
    """Labels by question, model and baseline. Raises HumanFileError."""
    found: dict[tuple[str, str, str], Label] = {}
    for where, row in _rows(path, PAIR_KEYS):
        label = next((known for known in LABELS if known == row["label"]), None)
        key = (row["question"], row["model"], row["baseline"])
        if label is None:
            raise HumanFileError(f"{where}: label is {row['label']!r}, not one of {LABELS}")
        if key in found:
            raise HumanFileError(f"{where}: {key} stands there twice")
        found[key] = label
    return found


def read_points(path: Path) -> dict[tuple[str, str, int], float]:
    """Points by problem, model and sample index. Raises HumanFileError."""
    found: dict[tuple[str, str, int], float] = {}
    for where, row in _rows(path, POINT_KEYS):
        points = row["points"]
        if not isinstance(points, int | float) or not 0 <= points <= 1:
            raise HumanFileError(f"{where}: points is {points!r}, not a number from 0 to 1")
        key = (row["problem_id"], row["model"], int(row.get("sample_index", 0)))
        if key in found:
            raise HumanFileError(f"{where}: {key} stands there twice")
        found[key] = float(points)
    return found


def _rows(path: Path, keys: set[str]) -> list[tuple[str, dict[str, Any]]]:
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            row = json.loads(line)
        except ValueError as error:
            raise HumanFileError(f"{where}: not JSON: {error}") from error
        if not isinstance(row, dict) or keys - row.keys():
            missing = ", ".join(sorted(keys - row.keys())) if isinstance(row, dict) else "all keys"
            raise HumanFileError(
                f"{where}: {missing} missing; a line is an object with {', '.join(sorted(keys))}"
            )
        rows.append((where, row))
    return rows
