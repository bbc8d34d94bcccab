"""The leaderboard of one arena under one judge, and its file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from snakeval.system.origin import content_of
from snakeval.types import Json


@dataclass(frozen=True, slots=True)
class Standing:
    """One row of a leaderboard.

    `score` is the win probability against the baseline in percent, `lower` and `upper` its 95% interval, the
    others the 90% one; all are None for a model without a single verdict. `games` counts the games with a
    verdict, `null_games` those whose verdict could not be read, `failed_games` those that could not be
    played. `tokens` is the mean length of the model's answers.
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
    lower90: float | None = None
    upper90: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Standings over the questions of a category, or all of them (None), with some features held constant.

    `effects` are the features', in logits a standard deviation: [value, lower, upper] at 95%.
    """

    category: str | None
    control: tuple[str, ...]
    standings: tuple[Standing, ...]
    effects: dict[str, tuple[float | None, float | None, float | None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Board:
    """The leaderboard of one arena under one judge, with what its scores depend on; standings best first.

    `tables` are the further ones, `matrix` the win rates between all models as fitted, `instrument` what is
    known of the judge (`judging.instrument`), `widening` what its intervals are wider by, `overlapping` how
    many pairs of models have 95% intervals that overlap, and how many pairs there are.
    """

    arena: str
    judge: str
    baseline: str
    weight: int
    rounds: int
    seed: int
    standings: tuple[Standing, ...]
    convention: str = "snakeval"
    tables: tuple[Table, ...] = ()
    matrix: Json | None = None
    instrument: Json | None = None
    widening: tuple[str, ...] = ()
    overlapping: tuple[int, int] | None = None


def to_json(board: Board) -> str:
    """The whole board as one JSON object, figures in full precision."""
    return json.dumps(asdict(board), indent=2, ensure_ascii=False) + "\n"


def read_board(path: Path) -> Board:
    """The board that `to_json` wrote to `path`."""
    values = content_of(json.loads(path.read_text(encoding="utf-8")))
    tables = tuple(
        Table(
            table["category"],
            tuple(table["control"]),
            tuple(Standing(**row) for row in table["standings"]),
            {name: (value[0], value[1], value[2]) for name, value in table["effects"].items()},
        )
        for table in values["tables"]
    )
    standings = tuple(Standing(**row) for row in values["standings"])
    pairs = values["overlapping"] and tuple(values["overlapping"])
    changed = {"standings": standings, "tables": tables, "widening": tuple(values["widening"])}
    return Board(**{**values, **changed, "overlapping": pairs})
