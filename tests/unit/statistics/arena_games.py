"""Games for the tests of arena scores."""

from __future__ import annotations

import numpy as np

from snakeval.statistics.battles import Game
from snakeval.statistics.labels import LABELS


def random_games(models: int, questions: int, seed: int = 0) -> list[Game]:
    """Two games a question of models of different strength against the baseline."""
    rng = np.random.default_rng(seed)
    return [
        Game(f"q{q}", f"m{m}", LABELS[rng.choice(5, p=rng.dirichlet(np.full(5, m + 1.0)))], swapped)
        for m in range(models)
        for q in range(questions)
        for swapped in (False, True)
    ]


def tournament(models: int, questions: int, seed: int = 0) -> list[Game]:
    """Games of all pairs of models whose true ratings are 0, 0.5, 1 ...; `m0` is the baseline."""
    rng = np.random.default_rng(seed)
    games = []
    for q in range(questions):
        for i in range(models):
            for j in range(i):
                chance = 1 / (1 + np.exp(-0.5 * (i - j)))
                label = LABELS[int(rng.integers(3, 5) if rng.random() < chance else rng.integers(0, 2))]
                games.append(Game(f"q{q}", f"m{i}", label, swapped=False, opponent=f"m{j}"))
    return games
