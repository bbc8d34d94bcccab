"""How two judges of one arena agree, game by game and by the strength of their verdicts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from snakeval.judging.judgments import Judgment
from snakeval.statistics.agreement import kappa
from snakeval.statistics.battles import Game, IntArray
from snakeval.statistics.labels import LABELS, STRENGTHS, Label
from snakeval.types import Json


def agreement(first: Sequence[Judgment], second: Sequence[Judgment]) -> Json:
    """Agreement over the games that both judges gave a verdict on.

    `same_preference` and `same_label` are shares; `kappa` is Cohen's for the preference (A, tie, B),
    `kappa_strength` the linearly weighted one for the five labels. `by_strength` gives, for verdicts of the
    first judge that are strong, weak or ties, the share in which the second has the same preference. `table`
    counts the pairs of labels, the first judge's in rows.
    """
    pairs = _pairs(first, second)
    strengths = np.array([[STRENGTHS[a], STRENGTHS[b]] for a, b in pairs], dtype=np.int64).reshape(-1, 2)
    same = np.sign(strengths[:, 0]) == np.sign(strengths[:, 1])
    table = [[sum(pair == (a, b) for pair in pairs) for b in LABELS] for a in LABELS]
    names = {"strong": 2, "weak": 1, "tie": 0}
    by_strength = {}
    for name, size in names.items():
        chosen = np.abs(strengths[:, 0]) == size
        by_strength[name] = {"games": int(chosen.sum()), "same_preference": _mean(same[chosen])}
    return {
        "games": len(pairs),
        "same_preference": _mean(same),
        "same_label": _mean(strengths[:, 0] == strengths[:, 1]),
        "kappa": kappa(*_columns(np.sign(strengths))),
        "kappa_strength": kappa(*_columns(strengths), weights="linear"),
        "by_strength": by_strength,
        "labels": list(LABELS),
        "table": table,
    }


def read_agreements(paths: Iterable[Path]) -> list[Json]:
    """The entries of the files that agreements were written to."""
    return [entry for path in paths for entry in json.loads(path.read_text(encoding="utf-8"))]


def _pairs(first: Sequence[Judgment], second: Sequence[Judgment]) -> list[tuple[Label, Label]]:
    known = {_key(game, row.baseline): game.label for row in second for game in row.games}
    found = []
    for row in first:
        for game in row.games:
            other = known.get(_key(game, row.baseline))
            if game.label is not None and other is not None:
                found.append((game.label, other))
    return found


def _key(game: Game, baseline: str) -> tuple[str, str, str, bool]:
    return game.question, game.model, baseline, game.swapped


def _columns(table: IntArray) -> tuple[list[int], list[int]]:
    return table[:, 0].tolist(), table[:, 1].tolist()


def _mean(values: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> float | None:
    return float(values.mean()) if values.size else None
