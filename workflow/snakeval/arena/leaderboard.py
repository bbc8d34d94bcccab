"""Judgments of an arena's models -> its leaderboard: overall, by category, with style held constant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from snakeval.arena.board import Board, Standing, Table
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


class BoardError(validity.ValidityError):
    """No board, as models have more games without a verdict than is allowed: why, and by model the causes."""

    def __init__(self, found: Mapping[str, validity.ValidityError]) -> None:
        causes = dict.fromkeys(cause for each in found.values() for cause in each.causes)
        super().__init__("\n".join(map(str, found.values())), list(causes))
        self.models = {model: tuple(each.causes) for model, each in found.items()}


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
    `infrastructure_failed`) than the thresholds allow raises BoardError. Raises LeaderboardError for a
    file that is not one of judgments against the baseline or one of `baselines`.
    """
    rows = [row for path in paths for row in read_judgments(path, {rules.baseline, *baselines})]
    rows = relabelled(rows, rules.convention)
    found, standings, _ = _standings(rows, rules, ())
    _check(standings, rows, rules.thresholds, f"arena {arena}, judge {judge}")
    return Board(
        *(arena, judge, rules.baseline, rules.weight, rules.rounds, rules.seed, standings),
        convention=rules.convention,
        tables=_tables(rows, rules),
        matrix=win_rates(found, rules.baseline),
        instrument=_instrument(rows, rules),
        widening=rules.widen,
        overlapping=_overlapping(standings),
    )


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


def _check(
    standings: Sequence[Standing], rows: Sequence[Judgment], thresholds: Mapping[str, float | None], what: str
) -> None:
    found = {}
    for each in standings:
        filtered = sum(row.filtered for row in rows if row.key[1] == each.model)
        failed = each.failed_games - filtered
        counts = {"judge_null": each.null_games, "filtered": filtered, "infrastructure_failed": failed}
        requested = {"requested": each.games + sum(counts.values()), **counts}
        try:
            validity.check(requested, thresholds, f"{what}, model {each.model}")
        except validity.ValidityError as error:
            found[each.model] = error
    if found:
        raise BoardError(found)
