"""Published Arena-Hard files as games."""

from __future__ import annotations

import json
from pathlib import Path

from snakeval.statistics.battles import Game
from snakeval.statistics.labels import Label
from snakeval.types import Json

BINARYFIDDLER = "fork_binaryfiddler_10q"
MYASHKA = "fork_myashka"
WINNERS: dict[str, Label] = {"model_a": "A>B", "tie": "A=B", "model_b": "B>A"}


def rows(path: Path) -> list[Json]:
    """The objects of a file of JSON lines."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def judgments(folder: Path) -> list[Json]:
    """All rows below a folder that hold games."""
    found = [row for path in sorted(folder.glob("**/*.jsonl")) for row in rows(path) if "games" in row]
    assert found, f"no judgments in {folder}"
    return found


def battles(path: Path) -> list[Game]:
    """Published battles, where strong verdicts stand several times already: to be counted with weight 1."""
    return [
        Game(row["question_id"], row["model_b"], WINNERS[row["winner"]], swapped=False) for row in rows(path)
    ]
