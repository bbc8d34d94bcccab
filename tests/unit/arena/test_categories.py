"""Tables by category and by what a category is divided into, each against its own baseline."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from snakeval.arena.leaderboard import Rules, leaderboard

# (question, category, subcategory, baseline, label of the game in which the model is assistant B)
ROWS = [
    ("q1", "hard_prompt", "coding", "o3", "B>A"),
    ("q2", "hard_prompt", "math", "o3", "A>B"),
    ("q3", "creative_writing", "creative_writing", "gemini", "B>>A"),
]


def test_a_board_a_category(tmp_path: Path) -> None:
    lines = [
        {
            **{"question_id": question, "model": "m", "baseline": baseline, "judge": "j"},
            **{"category": category, "subcategory": subcategory, "tokens": 10},
            "games": [{"score": label, "judgment": "t", "swapped": False, "error": None}],
        }
        for question, category, subcategory, baseline, label in ROWS
    ]
    (tmp_path / "m.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    rules = Rules("o3", rounds=20, seed=0)
    board = leaderboard([tmp_path / "m.jsonl"], rules, arena="a", judge="j", baselines=["gemini"])
    scores = {
        table.category: {row.model: row.score for row in table.standings if row.score is not None}
        for table in board.tables
    }
    assert scores == {
        "coding": {"m": pytest.approx(100), "o3": 50},
        "math": {"m": pytest.approx(0), "o3": 50},
        "hard_prompt": {"m": pytest.approx(50), "o3": 50},
        "creative_writing": {"m": pytest.approx(100), "gemini": 50},
    }
    (whole,) = (row.score for row in board.standings if row.model == "m")
    assert whole == pytest.approx(100 * 4 / 5)  # the strong verdict counts three times
