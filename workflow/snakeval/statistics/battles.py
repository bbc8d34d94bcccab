"""Games of an arena as arrays of weighted battles.

As in Arena-Hard (Li et al. 2024, arXiv 2406.11939): a strong verdict (`>>`) counts as several battles, a tie
as half a win for each side; a game without a verdict is no battle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snakeval.statistics.labels import Label, mirrored

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

BASELINE = "baseline"
WIN, TIE, LOSS = 0, 1, 2
POINTS = np.array([1.0, 0.5, 0.0])

# For the player in the place of A: column of the outcome, and whether it is strong.
_OUTCOMES: dict[Label, tuple[int, bool]] = {
    "A>>B": (WIN, True),
    "A>B": (WIN, False),
    "A=B": (TIE, False),
    "B>A": (LOSS, False),
    "B>>A": (LOSS, True),
}


@dataclass(frozen=True, slots=True)
class Game:
    """One game of `model` against `opponent`, by default the baseline of the question, whichever that is.

    The opponent is A and the model B, or, where `swapped`, the other way round; `label` is None where the
    judge gave no verdict.
    """

    question: str
    model: str
    label: Label | None
    swapped: bool
    opponent: str = BASELINE


@dataclass(frozen=True, slots=True)
class Battles:
    """Weighted outcomes of matches; a match is all games of two players on one question. N matches.

    `players` starts with the baseline, which stands there even if nobody met it. `question`, `first` and
    `second` (N,) are indices, `first` greater than `second`; `outcomes` (N, 3) holds wins, ties and losses
    of `first`.
    """

    questions: tuple[str, ...]
    players: tuple[str, ...]
    question: IntArray
    first: IntArray
    second: IntArray
    outcomes: IntArray

    @property
    def star(self) -> bool:
        """Whether all matches are against the baseline."""
        return not self.second.any()


def outcome(game: Game, weight: int) -> tuple[int, int] | None:
    """(WIN, TIE or LOSS of the model, number of battles) of a game; None without a verdict."""
    if game.label is None:
        return None
    column, strong = _OUTCOMES[game.label if game.swapped else mirrored(game.label)]
    return column, weight if strong else 1


def collect(games: Sequence[Game], weight: int, baseline: str = BASELINE) -> Battles:
    """All games as matches, ordered by question, then players; players in alphabetical order.

    A match without a verdict is there with zeros, so that a player without one is known.
    """
    names = {game.model for game in games} | {game.opponent for game in games}
    players = (baseline, *sorted(names - {baseline}))
    questions = tuple(sorted({game.question for game in games}))
    number = {name: i for i, name in enumerate(players)}
    asked = {name: i for i, name in enumerate(questions)}
    matches: dict[tuple[int, int, int], list[int]] = {}
    for game in games:
        one, other = number[game.model], number[game.opponent]
        if one == other:
            raise ValueError(f"question '{game.question}': '{game.model}' plays against itself")
        cell = matches.setdefault((asked[game.question], max(one, other), min(one, other)), [0, 0, 0])
        if (found := outcome(game, weight)) is not None:
            column, count = found
            cell[column if one > other else LOSS - column] += count
    keys = sorted(matches)
    table = np.array(keys, dtype=np.int64).reshape(-1, 3)
    outcomes = np.array([matches[key] for key in keys], dtype=np.int64).reshape(-1, 3)
    return Battles(questions, players, table[:, 0], table[:, 1], table[:, 2], outcomes)
