"""How a judge agrees with people's verdicts on the same answers (`snakeval.human_files`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from snakeval.battles import LOSS, POINTS, TIE, WIN, Game, outcome
from snakeval.instrument import direction, kappa
from snakeval.judgments import Judgment
from snakeval.types import Json
from snakeval.verdicts import Label


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


def point_agreement(judged: Sequence[float], human: Sequence[float]) -> Json | None:
    """How a judge's rewards agree with people's on the same answers, both (N,) in [0, 1]; None for N = 0.

    Accuracy: both on one side of full marks. MAE and Pearson's r of the points, r None where one side is
    constant.
    """
    if not len(judged):
        return None
    ours, theirs = np.asarray(judged, dtype=np.float64), np.asarray(human, dtype=np.float64)
    varied = ours.std() > 0 and theirs.std() > 0
    return {
        "answers": len(ours),
        "accuracy": float(((ours >= 1) == (theirs >= 1)).mean()),
        "mae": float(np.abs(ours - theirs).mean()),
        "pearson": float(np.corrcoef(ours, theirs)[0, 1]) if varied else None,
        "kappa": kappa((ours >= 1).astype(int).tolist(), (theirs >= 1).astype(int).tolist()),
    }


def _points(games: Sequence[Game], weight: int) -> float | None:
    found = [entry for game in games if (entry := outcome(game, weight)) is not None]
    if not found:
        return None
    return float(sum(POINTS[column] * count for column, count in found) / sum(count for _, count in found))
