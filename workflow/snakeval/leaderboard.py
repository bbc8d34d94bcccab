"""Judgments of an arena's models -> its leaderboard, as csv, table and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from tabulate import tabulate

from snakeval import validity
from snakeval.bradley_terry import Game, Resample, Score, bradley_terry
from snakeval.types import Json
from snakeval.verdicts import LABELS


class LeaderboardError(ValueError):
    """A file of judgments cannot be used; the message names the file, the line and the key."""


@dataclass(frozen=True, slots=True)
class Judgment:
    """One line of a file of judgments: the games of one model on one question.

    `failed` counts those that could not be played, `tokens` is the length of the model's answer.
    """

    games: tuple[Game, ...]
    failed: int
    tokens: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """One row of a leaderboard.

    `score` is the win probability against the baseline in percent, `lower` and `upper` its 95% interval;
    all are None for a model without a single verdict. `games` counts the games with a verdict, `null_games`
    those whose verdict could not be read, `failed_games` those that could not be played. `tokens` is the mean
    length of the model's answers.
    """

    rank: int
    model: str
    score: float | None
    lower: float | None
    upper: float | None
    questions: int
    games: int
    null_games: int
    failed_games: int
    tokens: float | None


@dataclass(frozen=True, slots=True)
class Board:
    """The leaderboard of one arena under one judge, with what its scores depend on; standings best first."""

    arena: str
    judge: str
    baseline: str
    weight: int
    rounds: int
    seed: int
    standings: tuple[Standing, ...]


def leaderboard(
    paths: Sequence[Path],
    *,
    arena: str,
    judge: str,
    baseline: str,
    weight: int = 3,
    rounds: int = 1000,
    seed: int = 0,
    resample: Resample = "questions",
    thresholds: Mapping[str, float | None] | None = None,
) -> Board:
    """The leaderboard of the models whose judgments are in `paths`, and of the baseline at 50.

    `thresholds` are the configuration's: a model with more games without a verdict (`judge_null`) or not
    played (`infrastructure_failed`) raises ValidityError. Raises LeaderboardError for a file that is not one
    of judgments against `baseline`.
    """
    by_model: dict[str, list[Judgment]] = {}
    for path in paths:
        for row in _read(path, baseline):
            by_model.setdefault(row.games[0].model, []).append(row)
    games = [game for rows in by_model.values() for row in rows for game in row.games]
    scores = bradley_terry(games, weight=weight, rounds=rounds, seed=seed, resample=resample)
    standings = [_standing(model, scores[model], rows) for model, rows in by_model.items()]
    for standing in standings:
        _check(standing, thresholds or {}, f"arena {arena}, judge {judge}, model {standing.model}")
    standings.append(Standing(0, baseline, 50.0, 50.0, 50.0, 0, 0, 0, 0, None))
    standings.sort(key=lambda row: (row.score is None, -(row.score or 0), row.model))
    ranked = tuple(replace(row, rank=rank) for rank, row in enumerate(standings, start=1))
    return Board(arena, judge, baseline, weight, rounds, seed, ranked)


def to_csv(board: Board) -> str:
    """The standings as csv, one column a field, an empty cell for None; figures with two decimals."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(field.name for field in fields(Standing))
    for row in board.standings:
        writer.writerow(_decimals(value) for value in asdict(row).values())
    return out.getvalue()


def to_table(board: Board, tablefmt: str = "github", label: Callable[[str], str] = str) -> str:
    """The standings as one of tabulate's tables, the interval as arms around the score.

    `label` gives the name to show for a model.
    """
    header, rows = cells(board, label)
    if tablefmt == "github":
        rows = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    align = ("right", "left", *("right",) * 6)
    return tabulate(rows, header, tablefmt=tablefmt, disable_numparse=True, colalign=align) + "\n"


def cells(board: Board, label: Callable[[str], str]) -> tuple[list[str], list[list[str]]]:
    """Header and rows of the board as text, scores in percent, an empty cell for None."""
    header = ["rank", "model", "score", "95% CI", "games", "no verdict", "not played", "avg tokens"]
    rows = [
        [
            str(row.rank),
            label(row.model) + (" (baseline)" if row.model == board.baseline else ""),
            _decimals(row.score),
            _interval(row),
            *(str(count) for count in (row.games, row.null_games, row.failed_games)),
            "" if row.tokens is None else f"{row.tokens:.0f}",
        ]
        for row in board.standings
    ]
    return header, rows


def to_json(board: Board) -> str:
    """The whole board as one JSON object, figures in full precision."""
    return json.dumps(asdict(board), indent=2, ensure_ascii=False) + "\n"


def read_board(path: Path) -> Board:
    """The board that `to_json` wrote to `path`."""
    values: Json = json.loads(path.read_text(encoding="utf-8"))
    return Board(**{**values, "standings": tuple(Standing(**row) for row in values["standings"])})


def _interval(row: Standing) -> str:
    if row.score is None or row.lower is None or row.upper is None:
        return ""
    return f"({row.lower - row.score:+.2f}, {row.upper - row.score:+.2f})"


def _decimals(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def _standing(model: str, score: Score, rows: Sequence[Judgment]) -> Standing:
    games = [game for row in rows for game in row.games]
    tokens = [row.tokens for row in rows if row.tokens is not None]
    failed = sum(row.failed for row in rows)
    verdicts = sum(game.label is not None for game in games)
    return Standing(
        rank=0,
        model=model,
        score=score.score,
        lower=score.lower,
        upper=score.upper,
        questions=len(rows),
        games=verdicts,
        null_games=len(games) - verdicts - failed,
        failed_games=failed,
        tokens=sum(tokens) / len(tokens) if tokens else None,
    )


def _check(row: Standing, thresholds: Mapping[str, float | None], what: str) -> None:
    counts = {
        "requested": row.games + row.null_games + row.failed_games,
        "judge_null": row.null_games,
        "infrastructure_failed": row.failed_games,
    }
    validity.check(counts, thresholds, what)


def _read(path: Path, baseline: str) -> Iterator[Judgment]:
    seen: set[tuple[str, str]] = set()
    # Texts may hold Unicode's line separators, which splitlines() would split at.
    for number, line in enumerate(path.read_text(encoding="utf-8").rstrip("\n").split("\n"), start=1):
        where = f"{path}, line {number}"
        try:
            row: Json = json.loads(line)
            question, model, against = (row[key] for key in ("question_id", "model", "baseline"))
            games = tuple(Game(question, model, game["score"], game["swapped"]) for game in row["games"])
            failed = sum(game.get("error") is not None for game in row["games"])
            tokens: int | None = row.get("tokens") or None
        except (ValueError, TypeError, KeyError) as error:
            raise LeaderboardError(f"{where}: not a judgment: {error!r}") from error
        if against != baseline or model == baseline:
            raise LeaderboardError(
                f"{where}: '{model}' against '{against}', not a model against '{baseline}'"
            )
        if (question, model) in seen or not games:
            raise LeaderboardError(f"{where}: question '{question}' has no games or stands there twice")
        unknown = [game.label for game in games if game.label not in (None, *LABELS)]
        if unknown:
            raise LeaderboardError(f"{where}: games.score is {unknown[0]!r}, not null or one of {LABELS}")
        seen.add((question, model))
        yield Judgment(games, failed, tokens)
