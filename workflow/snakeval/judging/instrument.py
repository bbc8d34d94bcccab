"""A pairwise judge as a measuring instrument: what its verdicts owe to anything but the answers.

Every rate stands with its count and a 95% interval from the bootstrap over questions:

- null: games without a readable verdict;
- position: of the questions whose two games both have a verdict, those in which the preferred answer changed
  with the places (flip), or was the other one (contradiction); of the verdicts with a preference, those for
  place A;
- retest: of the games that were asked again, those with the same preference, the same label; Cohen's kappa;
- length: of the verdicts with a preference between answers of different length, those for the longer; and the
  effect of a standard deviation of (a - b) / (a + b) in logits, beside the models' ratings;
- human: agreement with people's verdicts on the same questions (`snakeval.judging.human`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from snakeval.judging.judgments import Judgment
from snakeval.statistics.agreement import kappa
from snakeval.statistics.battles import LOSS, POINTS, TIE, WIN, FloatArray, Game, outcome
from snakeval.statistics.bootstrap import resampled_counts
from snakeval.statistics.labels import STRENGTHS
from snakeval.statistics.scores import Options, scores
from snakeval.statistics.style import Styles
from snakeval.types import Json

EFFECT_ROUNDS = 200


def measured(
    judgments: Sequence[Judgment], styles: Styles, options: Options, baselines: Mapping[str, str]
) -> Json:
    """All that the judgments themselves say of their judge; `baselines` gives the baseline of a question."""
    games = [game for row in judgments for game in row.games]
    played = len(games) - sum(row.failed for row in judgments)
    counts = [(row.key[0], sum(game.label is None for game in row.games) - row.failed) for row in judgments]
    asked = [(row.key[0], len(row.games) - row.failed) for row in judgments]
    return {
        "games": played,
        "null": _rate(counts, asked, options),
        "position": _position(judgments, options),
        "retest": retest(judgments, options),
        "length": _length(games, styles, options, baselines),
    }


def direction(game: Game) -> int | None:
    """WIN, TIE or LOSS of the model in a game; None without a verdict."""
    found = outcome(game, 1)
    return None if found is None else found[0]


def retest(judgments: Sequence[Judgment], options: Options) -> Json | None:
    """How verdicts repeat; None where no game was asked again."""
    pairs = [
        (row.games[index], label)
        for row in judgments
        for index, label in row.retests
        if row.games[index].label is not None and label is not None
    ]
    asked = sum(len(row.retests) for row in judgments)
    if not asked:
        return None
    first = [game.label for game, _ in pairs if game.label]
    again = [label for _, label in pairs if label]
    signs = [[np.sign(STRENGTHS[label]) for label in side] for side in (first, again)]
    questions = [game.question for game, _ in pairs]
    ones = [(question, 1) for question in questions]
    same_sign = [(q, int(a == b)) for q, a, b in zip(questions, *signs, strict=True)]
    same_label = [(q, int(a == b)) for q, a, b in zip(questions, first, again, strict=True)]
    return {
        "games": asked,
        "without_verdict": asked - len(pairs),
        "same_preference": _rate(same_sign, ones, options),
        "same_label": _rate(same_label, ones, options),
        "kappa": kappa([int(s) for s in signs[0]], [int(s) for s in signs[1]]),
    }


def position_shift(judgments: Sequence[Judgment], weight: int) -> float | None:
    """Score of the games with the model as B minus that of those with it as A, in percentage points."""
    points: dict[bool, list[float]] = {False: [], True: []}
    for game in (game for row in judgments for game in row.games):
        if (found := outcome(game, weight)) is not None:
            points[game.swapped] += [float(100 * POINTS[found[0]])] * found[1]
    if not all(points.values()):
        return None
    return float(np.mean(points[False]) - np.mean(points[True]))


def _position(judgments: Sequence[Judgment], options: Options) -> Json:
    both, flips, contradictions, firsts, decided = [], [], [], [], []
    for row in judgments:
        question = row.key[0]
        found = [direction(game) for game in row.games]
        if len(found) == 2 and None not in found:
            both.append((question, 1))
            flips.append((question, int(found[0] != found[1])))
            contradictions.append((question, int({*found} == {WIN, LOSS})))
        for game, one in zip(row.games, found, strict=True):
            if one is not None and one != TIE:
                decided.append((question, 1))
                firsts.append((question, int((one == WIN) == game.swapped)))
    return {
        "flip": _rate(flips, both, options),
        "contradiction": _rate(contradictions, both, options),
        "prefers_first": _rate(firsts, decided, options),
    }


def _length(
    games: Sequence[Game], styles: Styles, options: Options, baselines: Mapping[str, str]
) -> Json | None:
    longer, decided, known = [], [], []
    both = {}
    for game in games:
        model = styles.get((game.question, game.model))
        other = styles.get((game.question, baselines[game.question]))
        if model is None or other is None:
            continue
        known.append(game)
        both[game.question, game.model] = model
        both[game.question, game.opponent] = other
        one = direction(game)
        if one in (WIN, LOSS) and model.tokens != other.tokens:
            decided.append((game.question, 1))
            longer.append((game.question, int((one == WIN) == (model.tokens > other.tokens))))
    if not decided:
        return None
    controlled = Options(
        options.weight, min(options.rounds, EFFECT_ROUNDS), options.seed, options.baseline, ("length",), both
    )
    effect = scores(known, controlled).effects["length"]
    return {
        "longer": _rate(longer, decided, options),
        "effect": {"value": effect.score, "lower": effect.lower, "upper": effect.upper},
    }


def _rate(counted: Sequence[tuple[str, int]], of: Sequence[tuple[str, int]], options: Options) -> Json:
    """A share of counts by question: {value, lower, upper, count, of}; value None where there is nothing."""
    names = {question: i for i, question in enumerate(sorted({question for question, _ in of}))}
    table = np.zeros((max(1, len(names)), 2))
    for column, entries in enumerate((counted, of)):
        for question, count in entries:
            table[names[question], column] += count
    total, whole = table.sum(axis=0)
    if not whole:
        return {"value": None, "lower": None, "upper": None, "count": 0, "of": 0}
    drawn: list[FloatArray] = []
    for counts in resampled_counts(np.ones(len(table)), options.rounds, options.seed):
        sums = counts @ table
        drawn.append(sums[sums[:, 1] > 0, 0] / sums[sums[:, 1] > 0, 1])
    lower, upper = np.percentile(np.concatenate(drawn), (2.5, 97.5))
    return {
        "value": float(total / whole),
        "lower": float(lower),
        "upper": float(upper),
        "count": int(total),
        "of": int(whole),
    }
