"""Arena scores: a model's Bradley-Terry win probability against the baseline.

As in Arena-Hard v0.1 (Li et al. 2024, arXiv 2406.11939): two games a question with the places exchanged; a
strong verdict (`>>`) counts as `weight` battles, a tie as half a win for each side; a game without a verdict
is no battle. The published program fits one logistic regression to all battles. Since each of them has the
baseline in it, that likelihood is a product of one factor a model, and its maximum has a closed form: the
model's weighted share of points. It is exact, it exists for a model that wins every battle (whose rating
would be infinite), and it is cheap enough for any number of models and rounds. The unit tests hold it against
scikit-learn's logistic regression, the golden tests against published scores.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from snakeval.bootstrap import percentiles, resampled_counts
from snakeval.verdicts import Label, mirrored

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Resample = Literal["questions", "arena_hard"]

ROUNDS_IN_MEMORY = 100

# For the player in the place of A: column of the outcome (wins, ties, losses), and whether it is strong.
_OUTCOMES: dict[Label, tuple[int, bool]] = {
    "A>>B": (0, True),
    "A>B": (0, False),
    "A=B": (1, False),
    "B>A": (2, False),
    "B>>A": (2, True),
}


@dataclass(frozen=True, slots=True)
class Game:
    """One game of `model` against the baseline.

    The baseline is A and the model B, or, where `swapped`, the other way round; `label` is None where the
    judge gave no verdict.
    """

    question: str
    model: str
    label: Label | None
    swapped: bool


@dataclass(frozen=True, slots=True)
class Score:
    """Win probability against the baseline and its 95% interval, in percent; None without a verdict."""

    score: float | None
    lower: float | None
    upper: float | None


def bradley_terry(
    games: Sequence[Game],
    *,
    weight: int = 3,
    rounds: int = 1000,
    seed: int = 0,
    resample: Resample = "questions",
) -> dict[str, Score]:
    """Scores by model, in the models' alphabetical order; the baseline's own would be 50 by definition.

    The intervals come from a bootstrap over questions, drawn with the games of all models on them, since the
    two games of a question are one judgment seen twice. `resample="arena_hard"` is the published convention:
    it draws single battles from those of all models, and so takes them for independent.
    """
    models = sorted({game.model for game in games})
    battles = _battles(games, models, weight)
    drawn = _drawn_questions if resample == "questions" else _drawn_battles
    rounds_of = [_share_of_points(outcomes) for outcomes in drawn(battles, rounds, seed)]
    fitted = _share_of_points(battles.sum(axis=0))
    return {
        model: _score(float(fitted[i]), np.concatenate([block[:, i] for block in rounds_of]))
        for i, model in enumerate(models)
    }


def _battles(games: Sequence[Game], models: Sequence[str], weight: int) -> IntArray:
    """Weighted wins, ties and losses of each model on each question, shaped (Q, M, 3)."""
    questions = {name: i for i, name in enumerate(sorted({game.question for game in games}))}
    rows = {name: i for i, name in enumerate(models)}
    battles = np.zeros((len(questions), len(models), 3), dtype=np.int64)
    for game in games:
        if game.label is not None:
            outcome, strong = _OUTCOMES[game.label if game.swapped else mirrored(game.label)]
            battles[questions[game.question], rows[game.model], outcome] += weight if strong else 1
    return battles


def _share_of_points(outcomes: IntArray) -> FloatArray:
    """(..., 3) wins, ties, losses -> (...) maximum likelihood win probability in percent, NaN without any."""
    total = outcomes.sum(axis=-1)
    points = outcomes[..., 0] + outcomes[..., 1] / 2
    return np.asarray(100 * np.divide(points, total, out=np.full(points.shape, np.nan), where=total > 0))


def _drawn_questions(battles: IntArray, rounds: int, seed: int) -> Iterator[IntArray]:
    cells = battles.reshape(len(battles), -1)
    for counts in resampled_counts(np.ones(len(battles), dtype=np.int64), rounds, seed):
        yield (counts @ cells).reshape(len(counts), *battles.shape[1:])


def _drawn_battles(battles: IntArray, rounds: int, seed: int) -> Iterator[IntArray]:
    rng = np.random.default_rng(seed)
    cells = battles.sum(axis=0).ravel()
    chances = cells / max(1, cells.sum())
    for start in range(0, rounds, ROUNDS_IN_MEMORY):
        size = min(ROUNDS_IN_MEMORY, rounds - start)
        yield rng.multinomial(cells.sum(), chances, size=size).reshape(size, *battles.shape[1:])


def _score(fitted: float, resampled: FloatArray) -> Score:
    known = resampled[~np.isnan(resampled)]
    if np.isnan(fitted):
        return Score(None, None, None)
    lower, upper = percentiles(known)
    return Score(fitted, float(lower), float(upper))
