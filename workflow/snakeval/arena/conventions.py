"""Published conventions for arena scores, under their names, so that published figures can be reproduced.

What each does was read from its program; the code here is our own.

`arena-hard-v0.1` (lmarena/arena-hard-auto, show_result.py and utils_math.py at 0489bf384abd): logistic
regression over all battles; 100 rounds that draw single battles from those of all models, in the order of
the files, by NumPy's legacy generator seeded with 42; percentiles of ratings, then turned into chances; two
decimals. With style control the features are centred, and the regression has scikit-learn's default penalty.

`arena-hard-v2.0` (the same, show_result.py at 005ac120c11d): a question with a null verdict in either game
is left out; 100 unseeded rounds that draw each model's battles apart; the score is the mean of the rounds
and the interval goes from their 5th to their 95th percentile. With style control the rounds draw from the
battles of all models, features are centred densities, and the score is the rounds' median.

`nemo-skills` (NVIDIA-NeMo/Skills, nemo_skills/evaluation/evaluator/arena.py): as v0.1, each model by itself.
Its labels, like v0.1's, are the five in double brackets as they stand: `A<B` is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Literal

import numpy as np
from scipy.special import expit, logit

from snakeval.judging.judgments import Judgment
from snakeval.judging.verdicts import arena_hard_v0_1, arena_hard_v2_0, normalized
from snakeval.statistics.battles import POINTS, Battles, FloatArray, Game, IntArray, collect, outcome
from snakeval.statistics.bradley_terry import design, fit, refits
from snakeval.statistics.labels import LABELS, Label
from snakeval.statistics.published_style import penalised_ratings
from snakeval.statistics.scores import PERCENTILES, Options, Score, Scores, scores, summarised
from snakeval.statistics.style import counts, features, names

Convention = Literal["snakeval", "arena-hard-v0.1", "arena-hard-v2.0", "nemo-skills"]

ROUNDS = 100
SEED = 42
LARGEST_LOGIT = 35.0


def arena_hard_v01(games: Sequence[Game], options: Options) -> Scores:
    """Arena-Hard v0.1; `games` in the order of the published files. Rounds and seed are its own."""
    if options.control:
        return _v01_with_style(games, options)
    battles = collect(games, options.weight, options.baseline)
    if not battles.star:
        raise ValueError("this convention knows battles against the baseline only; use 'snakeval' for others")
    players, points = sequence(games, battles, options.weight)
    fitted = _logits(players, points, len(battles.players))
    rounds = list(rounds_of_v01(games, battles, options.weight))
    return Scores(
        {
            name: _rounded(fitted[i], [entry[i] for entry in rounds])
            for i, name in enumerate(battles.players)
            if i
        }
    )


def rounds_of_v01(games: Sequence[Game], battles: Battles, weight: int) -> Iterator[FloatArray]:
    """Ratings (P,) in logits of each of the hundred rounds; none without a battle."""
    players, points = sequence(games, battles, weight)
    size = len(points)
    generator = np.random.RandomState(SEED)
    for _ in range(ROUNDS if size else 0):
        drawn = generator.choice(size, size, replace=True)
        yield _logits(players[drawn], points[drawn], len(battles.players))


def arena_hard_v20(games: Sequence[Game], options: Options) -> Scores:
    """Arena-Hard v2.0, its unseeded rounds seeded with `options.seed`; `options.rounds` is ignored."""
    battles = collect(_complete(games), options.weight, options.baseline)
    if options.control:
        table = features(battles, options.styles, options.control, centred=True)
        rows = design(battles, table)
        start = fit(rows, battles.outcomes.astype(np.float64))
        rounds = list(refits(rows, _single_battles(battles, options.seed), start))
        drawn = summarised(battles.players, start, rounds, names(options.control))
        ratings = np.array([entry.players for entry in rounds])
        medians = {
            name: _interval_90(100 * expit(ratings[:, i]), np.median)
            for i, name in enumerate(battles.players)
            if i
        }
        return Scores(medians, drawn.effects, drawn.players, drawn.ratings)
    generator = np.random.default_rng(options.seed)
    found = {}
    for i, name in enumerate(battles.players[1:], start=1):
        cells = battles.outcomes[battles.first == i].sum(axis=0)
        total = cells.sum()
        shares = generator.multinomial(total, cells / max(total, 1), ROUNDS) @ POINTS / max(total, 1)
        found[name] = _interval_90(100 * shares, np.mean) if total else Score()
    return Scores(found)


def nemo_skills(games: Sequence[Game], options: Options) -> Scores:
    """NeMo-Skills: each model by itself as in v0.1, its games in the order of its file."""
    by_model: dict[str, list[Game]] = {}
    for game in games:
        by_model.setdefault(game.model, []).append(game)
    return Scores(
        {
            model: arena_hard_v01(by_model[model], Options(options.weight, baseline=options.baseline)).models[
                model
            ]
            for model in sorted(by_model)
        }
    )


CONVENTIONS: dict[Convention, Callable[[Sequence[Game], Options], Scores]] = {
    "snakeval": scores,
    "arena-hard-v0.1": arena_hard_v01,
    "arena-hard-v2.0": arena_hard_v20,
    "nemo-skills": nemo_skills,
}


def relabelled(rows: Sequence[Judgment], convention: Convention) -> list[Judgment]:
    """Judgments with the labels that a convention reads in the judge's texts, where there are texts."""
    read = READERS.get(convention)
    if read is None:
        return list(rows)
    return [
        replace(
            row,
            games=tuple(
                game if text is None else replace(game, label=read(text))
                for game, text in zip(row.games, row.texts or (None,) * len(row.games), strict=True)
            ),
        )
        for row in rows
    ]


def five_labels(text: str) -> Label | None:
    """v0.1's and NeMo-Skills' reading of a judge's text: of what v0.1 stores only the five labels count."""
    stored = arena_hard_v0_1(text)
    return next((label for label in LABELS if label == stored), None)


READERS: dict[Convention, Callable[[str], Label | None]] = {
    "arena-hard-v0.1": five_labels,
    "arena-hard-v2.0": lambda text: normalized(arena_hard_v2_0(text)),
    "nemo-skills": five_labels,
}


def sequence(games: Sequence[Game], battles: Battles, weight: int) -> tuple[IntArray, FloatArray]:
    """Each single battle in the order of the games, strong ones `weight` times: model, its points (B,)."""
    number = {name: i for i, name in enumerate(battles.players)}
    players: list[int] = []
    points: list[float] = []
    for game in games:
        if (found := outcome(game, weight)) is not None:
            column, count = found
            players += [number[game.model]] * count
            points += [float(POINTS[column])] * count
    return np.array(players, dtype=np.int64), np.array(points)


def _logits(players: IntArray, points: FloatArray, count: int) -> FloatArray:
    total = np.bincount(players, minlength=count).astype(np.float64)
    total[total == 0] = np.nan
    return np.asarray(logit(np.bincount(players, points, count) / total))


def _rounded(fitted: float, drawn: Sequence[float]) -> Score:
    """Percentiles of ratings turned into chances; a rating that is infinite there is a large one."""
    if np.isnan(fitted):
        return Score()
    ratings = np.clip(drawn, -LARGEST_LOGIT, LARGEST_LOGIT)
    lower, lower90, upper90, upper = 100 * expit(np.percentile(ratings[~np.isnan(ratings)], PERCENTILES))
    return Score(*(round(float(x), 2) for x in (100 * expit(fitted), lower, upper, lower90, upper90)))


def _complete(games: Sequence[Game]) -> list[Game]:
    """The games of each question and model of which none is without a verdict."""
    kept: list[Game] = []
    ordered = sorted(games, key=lambda game: (game.question, game.model, game.opponent))
    for _, group in groupby(ordered, key=lambda game: (game.question, game.model, game.opponent)):
        both = list(group)
        if all(game.label is not None for game in both):
            kept += both
    return kept


def _single_battles(battles: Battles, seed: int) -> Iterator[FloatArray]:
    generator = np.random.default_rng(seed)
    cells = battles.outcomes.ravel()
    for _ in range(ROUNDS):
        drawn = generator.multinomial(cells.sum(), cells / cells.sum())
        yield drawn.reshape(battles.outcomes.shape).astype(np.float64)


def _interval_90(drawn: FloatArray, centre: Callable[[FloatArray], np.floating]) -> Score:
    lower, upper = np.percentile(drawn, (5.0, 95.0))
    return Score(float(centre(drawn)), None, None, float(lower), float(upper))


def _v01_with_style(games: Sequence[Game], options: Options) -> Scores:
    """Ratings by penalised regression; style differences are the baseline's minus the model's there."""
    battles = collect(games, options.weight, options.baseline)
    table = -features(battles, options.styles, options.control, counts, centred=True)
    fitted, rounds = penalised_ratings(battles, table, ROUNDS, SEED)
    return Scores(
        {
            name: _rounded(fitted[i], [entry[i] for entry in rounds])
            for i, name in enumerate(battles.players)
            if i
        }
    )
