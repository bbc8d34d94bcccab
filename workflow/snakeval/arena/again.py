"""A board, or, where games that could not be played stand in its way, the next run's orders to play them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from snakeval.arena.board import Board
from snakeval.arena.leaderboard import BoardError, Rules, leaderboard
from snakeval.config import Config
from snakeval.dag.plan import journal
from snakeval.dag.retries import ask_again
from snakeval.judging.judgments import UNANSWERED, WITHHELD, read_lines
from snakeval.scoring.samples import lost
from snakeval.scoring.validity import ValidityError


def board_of(
    config: Config,
    judgments: Sequence[Path],
    rules: Rules,
    *,
    arena: str,
    judge: str,
    baselines: Sequence[str],
) -> Board:
    """The leaderboard. Before ValidityError is raised for games that could not be played, the next run is to
    ask for what they lack: the judge's verdict, or the answer of a model or baseline. What was imported is
    asked of nobody.
    """
    try:
        return leaderboard(judgments, rules, arena=arena, judge=judge, baselines=baselines)
    except BoardError as error:
        questions = config.arenas[arena].questions
        owed = [p for p in judgments if "infrastructure_failed" in error.models.get(p.stem, ())]
        owing = {who for path in owed for who in _owing(path, arena, judge, questions) if who.is_dir()}
        for who in sorted(owing):
            ask_again(who)
        if not owing:
            raise
        later = "The next run asks once more for the games that could not be played."
        raise ValidityError(f"{error}\n{later}", error.causes) from None


def _owing(path: Path, arena: str, judge: str, questions: str) -> Iterator[Path]:
    """The journals of those who owe the games of one file of judgments."""
    unanswered = set[str]()
    for line in read_lines(path):
        row = json.loads(line)
        errors = {game.get("error") for game in row["games"]}
        if errors - {None, WITHHELD, UNANSWERED}:
            yield journal("arena", arena, judge, path.stem)
        if UNANSWERED in errors:
            unanswered |= {row["model"], row["baseline"]}
    for model in unanswered:
        answers = Path("results/generations", questions, f"{model}.parquet")
        if answers.is_file() and lost(answers):
            yield journal("generations", questions, model)
