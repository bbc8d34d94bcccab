"""How a judge agrees with people's verdicts on the same answers (`snakeval.formats.people`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from snakeval.judging.instrument import direction
from snakeval.judging.judgments import Judgment
from snakeval.statistics.agreement import kappa
from snakeval.statistics.battles import LOSS, POINTS, TIE, WIN, Game, outcome
from snakeval.statistics.labels import Label
from snakeval.types import Json


def pair_agreement(
    judgments: Sequence[Judgment], people: dict[tuple[str, str, str], Label], weight: int
) -> Json | None:
    """How a judge's verdict on a question (its two games together) agrees with people's; None without any.

    `bias` is the mean of the judge's points minus people's, in percentage points, with its standard error
    `bias_se` (None for one question): a positive one favours the models over the baseline.
    """
    ours, theirs, differences = [], [], []
    for row in judgments:
        label = people.get((*row.key, row.baseline))
        points = _points(row.games, weight)
        if label is None or points is None:
            continue
        human = Game(*row.key, label, swapped=False)
        judged = TIE if points == 0.5 else WIN if points > 0.5 else LOSS
        ours.append(judged)
        theirs.append(direction(human))
        differences.append(100 * (points - float(POINTS[theirs[-1] or 0])))
    if not ours:
        return None
    decided = [(a, b) for a, b in zip(ours, theirs, strict=True) if b != TIE]
    count = len(ours)
    error = float(np.std(differences, ddof=1) / np.sqrt(count)) if count > 1 else None
    return {
        "questions": count,
        "agreement": sum(a == b for a, b in zip(ours, theirs, strict=True)) / count,
        "agreement_without_ties": sum(a == b for a, b in decided) / len(decided) if decided else None,
        "kappa": kappa(ours, [one for one in theirs if one is not None]),
        "bias": float(np.mean(differences)),
        "bias_se": error,
    }


def _points(games: Sequence[Game], weight: int) -> float | None:
    found = [entry for game in games if (entry := outcome(game, weight)) is not None]
    if not found:
        return None
    return float(sum(POINTS[column] * count for column, count in found) / sum(count for _, count in found))
