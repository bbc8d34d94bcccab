"""Games of an arena -> scores with intervals, by this project's convention or a published one.

`snakeval`: Bradley-Terry over all games, every model in one fit; intervals from a bootstrap over questions,
drawn with all games on them, since the two games of a question are one judgment seen twice. The published
conventions are in `snakeval.arena.conventions`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from snakeval.statistics.battles import BASELINE, Battles, FloatArray, Game, collect
from snakeval.statistics.bootstrap import resampled_counts
from snakeval.statistics.bradley_terry import Ratings, by_pair, design, fit, probability, refits
from snakeval.statistics.style import Control, Styles, features, names

PERCENTILES = (2.5, 5.0, 95.0, 97.5)


@dataclass(frozen=True, slots=True)
class Score:
    """Win probability against the baseline in percent, its 95% and 90% intervals; None without a verdict."""

    score: float | None = None
    lower: float | None = None
    upper: float | None = None
    lower90: float | None = None
    upper90: float | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """How games become scores. `control` and `styles` go together: features to hold constant."""

    weight: int = 3
    rounds: int = 1000
    seed: int = 0
    baseline: str = BASELINE
    control: tuple[Control, ...] = ()
    styles: Styles = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores by model in alphabetical order, without the baseline, which has 50 by definition.

    `effects` are the features' effects in logits a standard deviation; `ratings` (players, baseline first)
    the fitted logits.
    """

    models: dict[str, Score]
    effects: dict[str, Score] = field(default_factory=dict)
    players: tuple[str, ...] = ()
    ratings: tuple[float, ...] = ()


def scores(games: Sequence[Game], options: Options | None = None) -> Scores:
    """Scores of all models that play, by the project's own convention."""
    chosen = options or Options()
    battles = collect(games, chosen.weight, chosen.baseline)
    table = features(battles, chosen.styles, chosen.control) if chosen.control else None
    rows = design(battles, table)
    fitted = fit(rows, battles.outcomes.astype(np.float64))
    if table is None:
        # Without features the matches of a pair are alike: a round needs their sums only.
        pairs = design(_one_match_a_pair(battles))
        rounds = refits(pairs, _rounds_by_pair(battles, chosen), fitted)
    else:
        rounds = refits(rows, _rounds_by_match(battles, chosen), fitted)
    return summarised(battles.players, fitted, list(rounds), names(chosen.control))


def summarised(
    players: tuple[str, ...], fitted: Ratings, rounds: Sequence[Ratings], effects: Sequence[str] = ()
) -> Scores:
    """Scores from fitted ratings and those of the rounds; rounds without a rating of a model do not count."""
    chances = probability(fitted.players)
    drawn = probability(np.array([entry.players for entry in rounds]))
    slopes = np.array([entry.effects for entry in rounds])
    return Scores(
        {name: score(chances[i], drawn[:, i]) for i, name in enumerate(players) if i},
        {name: score(fitted.effects[i], slopes[:, i]) for i, name in enumerate(effects)},
        players,
        tuple(fitted.players.tolist()),
    )


def score(value: float, drawn: FloatArray) -> Score:
    """A figure with its percentile intervals over the rounds (R,); NaN stands for none."""
    known = drawn[~np.isnan(drawn)]
    if np.isnan(value) or not known.size:
        return Score()
    lower, lower90, upper90, upper = np.percentile(known, PERCENTILES)
    return Score(float(value), float(lower), float(upper), float(lower90), float(upper90))


def _rounds_by_match(battles: Battles, options: Options) -> Iterator[FloatArray]:
    for counts in resampled_counts(np.ones(len(battles.questions)), options.rounds, options.seed):
        for drawn in counts:
            yield battles.outcomes * drawn[battles.question][:, None].astype(np.float64)


def _rounds_by_pair(battles: Battles, options: Options) -> Iterator[FloatArray]:
    rows = design(battles)
    cells = np.zeros((len(battles.questions), len(rows.first), 3))
    np.add.at(cells, (battles.question, rows.pair), battles.outcomes)
    flat = cells.reshape(len(cells), -1)
    for counts in resampled_counts(np.ones(len(battles.questions)), options.rounds, options.seed):
        yield from (counts @ flat).reshape(len(counts), len(rows.first), 3)


def _one_match_a_pair(battles: Battles) -> Battles:
    rows = design(battles)
    sums = by_pair(rows, battles.outcomes.astype(np.float64)).astype(np.int64)
    nothing = np.zeros(len(rows.first), dtype=np.int64)
    return Battles(battles.questions, battles.players, nothing, rows.first, rows.second, sums)
