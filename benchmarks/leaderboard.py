"""Bradley-Terry with style control and 100 bootstrap rounds, against arena-rank and a plain refit a round.

    python benchmarks/leaderboard.py

500 questions x 50 models, two games each against a baseline, four style features. arena-rank pins its own
NumPy and JAX, so it gets a virtual environment in a temporary folder, and is left out, saying so, where that
cannot be made. All three start from arrays in memory and are timed from there to the ratings of all rounds;
each draws rounds in its own way (questions here and in the refit, single battles in arena-rank). Fails where
the fitted ratings differ or snakeval is slower than arena-rank.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression

from snakeval.statistics.battles import POINTS, Battles
from snakeval.statistics.bootstrap import resampled_counts
from snakeval.statistics.bradley_terry import design, fit, refits

QUESTIONS, MODELS, ROUNDS, REPEATS = 500, 50, 100, 5
PEER_REPEATS = 1  # minutes each
REFITS_TIMED = 5
ARENA_RANK = "arena-rank==0.1.1"
FloatArray = npt.NDArray[np.float64]

PEER = Path(__file__).with_name("arena_rank_peer.py")


@dataclass(frozen=True)
class Data:
    """Matches with their features, first player minus baseline, and the same battle by battle."""

    battles: Battles
    features: FloatArray


def simulated(seed: int = 0) -> Data:
    """Games of models of random strength, whose chance depends on style and on the question."""
    rng = np.random.default_rng(seed)
    question, first = (
        grid.ravel() for grid in np.meshgrid(np.arange(QUESTIONS), np.arange(1, MODELS), indexing="ij")
    )
    features = rng.normal(size=(question.size, 4))
    strength, effects = rng.normal(0, 1, MODELS), np.array([0.4, 0.1, 0.05, -0.05])
    hardness = rng.normal(0, 0.7, QUESTIONS)[question]
    chance = 1 / (1 + np.exp(-(strength[first] + features @ effects + hardness)))
    outcomes = np.zeros((question.size, 3), dtype=np.int64)
    for _ in range(2):
        tie, won, strong = (rng.random(question.size) < share for share in (0.1, chance, 0.3))
        column = np.where(tie, 1, np.where(won, 0, 2))
        outcomes[np.arange(question.size), column] += np.where(strong & ~tie, 3, 1)
    names = tuple(str(i) for i in range(MODELS))
    asked = tuple(str(i) for i in range(QUESTIONS))
    return Data(Battles(asked, names, question, first, np.zeros_like(first), outcomes), features)


def ours(data: Data) -> FloatArray:
    """Ratings as fitted, after 100 rounds over questions."""
    rows = design(data.battles, data.features)
    fitted = fit(rows, data.battles.outcomes.astype(np.float64))
    counts = np.concatenate(list(resampled_counts(np.ones(QUESTIONS), ROUNDS, 0)))
    drawn = (data.battles.outcomes * c[data.battles.question][:, None].astype(np.float64) for c in counts)
    rounds = np.array([entry.players for entry in refits(rows, drawn, fitted)])
    assert rounds.shape == (ROUNDS, MODELS)
    return fitted.players


def refit_a_round(data: Data, rounds: int) -> FloatArray:
    """The plain way: scikit-learn's default solver from scratch on each round's battles."""
    matches = len(data.battles.first)
    index = np.arange(matches)
    players = sp.csr_array((np.ones(matches), (index, data.battles.first - 1)), shape=(matches, MODELS - 1))
    columns = sp.hstack([players, sp.csr_array(data.features)]).tocsr()
    doubled, wins = sp.vstack([columns, columns]).tocsr(), np.repeat([1, 0], matches)
    total, points = data.battles.outcomes.sum(axis=1), data.battles.outcomes @ POINTS
    counts = np.concatenate(list(resampled_counts(np.ones(QUESTIONS), max(rounds, 1), 0)))
    found = np.zeros(0)
    for drawn in (np.ones(QUESTIONS), *counts[:rounds]):
        weight = drawn[data.battles.question]
        model = LogisticRegression(C=1e3, fit_intercept=False, tol=1e-8, max_iter=10_000)
        shares = np.concatenate([points * weight, (total - points) * weight])
        model.fit(doubled, wins, sample_weight=shares)
        found = model.coef_[0][: MODELS - 1] if drawn.all() and not found.size else found
    return np.concatenate([[0.0], found])


def arena_rank(data: Data, folder: Path) -> tuple[list[float], FloatArray] | None:
    """Seconds of each repeat and the fitted ratings of arena-rank; None where it cannot be installed."""
    python = folder / "bin" / "python"
    for command in (
        [sys.executable, "-m", "venv", str(folder)],
        [str(python), "-m", "pip", "install", "-q", ARENA_RANK],
    ):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            print(f"{ARENA_RANK} left out: {' '.join(command[:4])} failed: {done.stderr.strip()[-300:]}")
            return None
    row, column = np.nonzero(data.battles.outcomes)
    file = folder / "battles.npz"
    np.savez(
        file,
        players=MODELS,
        rounds=ROUNDS,
        repeats=PEER_REPEATS,
        pairs=np.stack([data.battles.first[row], data.battles.second[row]], axis=1),
        outcomes=POINTS[column],
        features=data.features[row],
        weights=data.battles.outcomes[row, column].astype(np.float64),
    )
    done = subprocess.run([str(python), str(PEER), str(file)], capture_output=True, text=True)
    if done.returncode:
        print(f"{ARENA_RANK} left out: it failed: {done.stderr.strip()[-300:]}")
        return None
    answer = json.loads(done.stdout)
    return answer["seconds"], np.array(answer["ratings"])


def main() -> int:
    """Measure all three; 1 if ratings differ or arena-rank is faster."""
    data = simulated()
    seconds = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        ratings = ours(data)
        seconds.append(time.perf_counter() - start)
    best = min(seconds)
    print(f"{QUESTIONS} questions x {MODELS} models, one fit and {ROUNDS} rounds with 4 style features")
    print(f"snakeval {best:.2f} s ({', '.join(f'{s:.2f}' for s in seconds)})")
    start = time.perf_counter()
    expected = refit_a_round(data, REFITS_TIMED)
    refits_seconds = (time.perf_counter() - start) * (ROUNDS + 1) / (REFITS_TIMED + 1)
    ratio = refits_seconds / best
    print(f"refit a round {refits_seconds:.1f} s (from {REFITS_TIMED + 1} fits), ratio {ratio:.0f}")
    np.testing.assert_allclose(ratings, expected, atol=1e-3)
    with tempfile.TemporaryDirectory() as folder:
        peer = arena_rank(data, Path(folder))
    if peer is None:
        return 0
    times, theirs = peer
    listed = ", ".join(f"{s:.2f}" for s in times)
    print(f"{ARENA_RANK} {min(times):.2f} s ({listed}), ratio {min(times) / best:.1f}")
    np.testing.assert_allclose(ratings, theirs, atol=1e-2)
    return int(min(times) < best)


if __name__ == "__main__":
    sys.exit(main())
