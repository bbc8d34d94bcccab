"""An arena under one judge: its leaderboard, and each game with both answers and what the judge wrote."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from snakeval.arena.board import Board
from snakeval.judging.judgments import read_lines
from snakeval.report.joined import parts_of
from snakeval.report.site.chunks import Cut, characters, write_chunk
from snakeval.schema import Reasoning
from snakeval.system.tables import read_rows
from snakeval.types import Generation


def answers_of(generations: Path, reasoning: Reasoning) -> dict[str, str | None]:
    """A model's answers by question, as judges read them; none where the file is not there."""
    if not generations.is_file():
        return {}
    found: dict[str, str | None] = {}
    for row in read_rows(generations, Generation):
        parts = parts_of(row, reasoning)
        found.setdefault(row.problem_id, parts.answer if parts else None)
    return found


def write_arena(
    board: Board,
    judgments: Sequence[Path],
    answers: Mapping[str, Mapping[str, str | None]],
    folder: Path,
    key: str,
    *,
    published: bool,
) -> None:
    """Write the chunk `a/KEY` with the board and an index of games, and `g/KEY-0` ... with their texts.

    `answers` are by model, then question. Without `published` no text is written.
    """
    cut = Cut(folder, f"g/{key}")
    index = []
    for line in (line for path in judgments for line in read_lines(path)):
        row = json.loads(line)
        games = row["games"]
        index.append(
            {
                "question": str(row["question_id"]),
                "model": row["model"],
                "baseline": row["baseline"],
                "category": row.get("category"),
                "labels": [[game["score"], bool(game["swapped"])] for game in games],
            }
        )
        sides = {side: answers.get(row[side], {}).get(row["question_id"]) for side in ("model", "baseline")}
        texts = {"games": games, **sides} if published else {}
        cut.add(texts, characters(*sides.values(), *(game.get("judgment") for game in games)))
    cut.close()
    write_chunk(folder, f"a/{key}", {"board": asdict(board), "games": index, "starts": cut.starts})
