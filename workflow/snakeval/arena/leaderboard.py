"""Judgments of an arena's models -> its leaderboard: overall, by category, with style held constant."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from snakeval.arena.conventions import CONVENTIONS, Convention, relabelled
from snakeval.formats import people as human_files
from snakeval.judging import human, instrument
from snakeval.judging.judgments import Judgment, LeaderboardError, read_judgments
from snakeval.scoring import validity
from snakeval.statistics.intervals import Widening, widened
from snakeval.statistics.scores import Options, Score, Scores
from snakeval.statistics.separability import overlapping
from snakeval.statistics.style import Control, Style
from snakeval.statistics.winrates import win_rates
from snakeval.types import Json

ALL = "all"


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


@dataclass(frozen=True, slots=True)
class Rules:
    """How judgments become a board; the configuration's keys of the same names say what each does."""

    baseline: str
    weight: int = 3
    rounds: int = 1000
    seed: int = 0
    convention: Convention = "snakeval"
    style_control: tuple[Control, ...] = ()
    widen: tuple[Widening, ...] = ()
    human: Path | None = None
    thresholds: Mapping[str, float | None] = field(default_factory=dict)
    styles: Mapping[tuple[str, str], Style] = field(default_factory=dict)


def leaderboard(
    paths: Sequence[Path], rules: Rules, *, arena: str, judge: str, baselines: Sequence[str] = ()
) -> Board:
    """The leaderboard of the models whose judgments are in `paths`, and of the baseline at 50.

    A model with more games without a verdict (`judge_null`) or not played (`filtered`,
    `infrastructure_failed`) than the thresholds allow raises ValidityError. Raises LeaderboardError for a
    file that is not one of judgments against the baseline or one of `baselines`.
    """
    rows = [row for path in paths for row in read_judgments(path, {rules.baseline, *baselines})]
    rows = relabelled(rows, rules.convention)
    found, standings, _ = _standings(rows, rules, ())
    for each in standings:
        filtered = sum(row.filtered for row in rows if row.key[1] == each.model)
        _check(each, filtered, rules.thresholds, f"arena {arena}, judge {judge}, model {each.model}")
    return Board(
        *(arena, judge, rules.baseline, rules.weight, rules.rounds, rules.seed, standings),
        convention=rules.convention,
        tables=_tables(rows, rules),
        matrix=win_rates(found, rules.baseline),
        instrument=_instrument(rows, rules),
        widening=rules.widen,
        overlapping=_overlapping(standings),
    )


def to_json(board: Board) -> str:
    """The whole board as one JSON object, figures in full precision."""
    return json.dumps(asdict(board), indent=2, ensure_ascii=False) + "\n"


def read_board(path: Path) -> Board:
    """The board that `to_json` wrote to `path`."""
    values: Json = json.loads(path.read_text(encoding="utf-8"))
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


def _tables(rows: Sequence[Judgment], rules: Rules) -> tuple[Table, ...]:
    categories = sorted({name for row in rows for name in row.categories})
    shown: list[str | None] = [None, *categories] if len(categories) > 1 else [None]
    controls: list[tuple[Control, ...]] = [(), rules.style_control] if rules.style_control else [()]
    tables = []
    for category in shown:
        for control in controls:
            if category is None and not control:
                continue  # the board itself
            chosen = [row for row in rows if category is None or category in row.categories]
            _, standings, effects = _standings(chosen, rules, control)
            tables.append(Table(category, control, standings, effects))
    return tuple(tables)


def _standings(
    rows: Sequence[Judgment], rules: Rules, control: tuple[Control, ...]
) -> tuple[Scores, tuple[Standing, ...], dict[str, tuple[float | None, float | None, float | None]]]:
    options = _options(rows, rules, control)
    by_model: dict[str, list[Judgment]] = {}
    for row in rows:
        by_model.setdefault(row.key[1], []).append(row)
    games = [game for row in rows for game in row.games]
    try:
        found = CONVENTIONS[rules.convention](games, options)
    except KeyError as error:
        raise LeaderboardError(
            f"style_control: no answer, or none with tokens, to take it from: {error}"
        ) from error
    people = human_files.read_pairs(rules.human) if rules.human else {}
    known = human.pair_agreement(rows, people, rules.weight)
    standings = [
        _standing(model, _widened(found.models.get(model, Score()), chosen, rules, known), chosen)
        for model, chosen in by_model.items()
    ]
    baseline = _baseline(rows, rules)
    if baseline not in by_model:
        standings.append(Standing(0, baseline, 50.0, 50.0, 50.0, 0, 0, 0, 0, None, 50.0, 50.0))
    standings.sort(key=lambda row: (row.score is None, -(row.score or 0), row.model))
    ranked = tuple(replace(row, rank=rank) for rank, row in enumerate(standings, start=1))
    effects = {name: (one.score, one.lower, one.upper) for name, one in found.effects.items()}
    return found, ranked, effects


def _widened(score: Score, rows: Sequence[Judgment], rules: Rules, people: Json | None) -> Score:
    shift = instrument.position_shift(rows, rules.weight) if "position" in rules.widen else None
    return widened(score, rules.widen, shift, people)


def _overlapping(rows: Sequence[Standing]) -> tuple[int, int] | None:
    ends = [(r.lower, r.upper) for r in rows if r.questions and r.lower is not None and r.upper is not None]
    return overlapping(ends) if len(ends) > 1 else None


def _options(rows: Sequence[Judgment], rules: Rules, control: tuple[Control, ...]) -> Options:
    """The baseline's answers count under one name, whichever model is the baseline of a question."""
    options = Options(rules.weight, rules.rounds, rules.seed)
    if not control:
        return options
    styles = dict(rules.styles)
    for row in rows:
        question = row.key[0]
        if (question, row.baseline) in styles:
            styles[question, options.baseline] = styles[question, row.baseline]
    return replace(options, control=control, styles=styles)


def _baseline(rows: Sequence[Judgment], rules: Rules) -> str:
    return next(iter(names)) if len(names := {row.baseline for row in rows}) == 1 else rules.baseline


def _instrument(rows: Sequence[Judgment], rules: Rules) -> Json:
    baselines = {row.key[0]: row.baseline for row in rows}
    options = Options(rules.weight, rules.rounds, rules.seed)
    found = instrument.measured(rows, rules.styles, options, baselines)
    people = human_files.read_pairs(rules.human) if rules.human else {}
    return {**found, "human": human.pair_agreement(rows, people, rules.weight)}


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
        lower90=score.lower90,
        upper90=score.upper90,
    )


def _check(row: Standing, filtered: int, thresholds: Mapping[str, float | None], what: str) -> None:
    failed = row.failed_games - filtered
    counts = {"judge_null": row.null_games, "filtered": filtered, "infrastructure_failed": failed}
    validity.check({"requested": row.games + sum(counts.values()), **counts}, thresholds, what)
