"""Scores against the logistic regression they stand for, and the properties of their intervals."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from snakeval.bradley_terry import Game, Resample, bradley_terry
from snakeval.verdicts import LABELS, Label


def random_games(models: int, questions: int, seed: int = 0) -> list[Game]:
    rng = np.random.default_rng(seed)
    return [
        Game(f"q{q}", f"m{m}", LABELS[rng.choice(5, p=rng.dirichlet(np.full(5, m + 1.0)))], swapped)
        for m in range(models)
        for q in range(questions)
        for swapped in (False, True)
    ]


def regression(games: list[Game], weight: int) -> dict[str, float]:
    """The published form: one row a battle, the two players' columns +1 and -1, a tie as half a win each."""
    players = ["baseline", *sorted({game.model for game in games})]
    rows, wins, shares = [], [], []
    for game in games:
        if game.label is None:
            continue
        a, b = (game.model, "baseline") if game.swapped else ("baseline", game.model)
        row = np.zeros(len(players))
        row[players.index(a)], row[players.index(b)] = 1, -1
        won = {"A": 1.0, "B": 0.0, "=": 0.5}["=" if game.label == "A=B" else game.label[0]]
        count = weight if len(game.label) == 4 else 1
        rows += [row, row]
        wins += [1, 0]
        shares += [count * won, count * (1 - won)]
    model = LogisticRegression(C=1e10, fit_intercept=False, tol=1e-12, max_iter=10_000)
    ratings = model.fit(np.array(rows), wins, sample_weight=shares).coef_[0]
    return {
        player: 100 / (1 + np.exp(ratings[0] - rating))
        for player, rating in zip(players[1:], ratings[1:], strict=True)
    }


@pytest.mark.parametrize("weight", [1, 3])
def test_the_closed_form_is_the_regression(weight: int) -> None:
    games = random_games(models=5, questions=40)
    games[3] = Game(games[3].question, games[3].model, None, games[3].swapped)
    expected = regression(games, weight)
    found = bradley_terry(games, weight=weight, rounds=2)
    assert {model: score.score for model, score in found.items()} == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(
    ("first", "second", "weight", "expected"),
    [
        ("B>A", "A>B", 3, 100),
        ("A>>B", "B>>A", 3, 0),
        ("A=B", "A=B", 3, 50),
        ("A>B", "A>B", 3, 50),
        ("A>B", "A>>B", 3, 75),
        ("A>B", "A>>B", 1, 50),
        ("A=B", "A>B", 3, 75),
        ("B>>A", None, 3, 100),
    ],
)
def test_one_question(first: Label | None, second: Label | None, weight: int, expected: float) -> None:
    games = [Game("q", "m", first, swapped=False), Game("q", "m", second, swapped=True)]
    assert bradley_terry(games, weight=weight, rounds=10)["m"].score == pytest.approx(expected)


@pytest.mark.parametrize("resample", ["questions", "arena_hard"])
def test_a_model_that_wins_everything_has_a_finite_score(resample: Resample) -> None:
    games = [Game(f"q{q}", "m", "B>>A", swapped=False) for q in range(20)]
    score = bradley_terry(games, rounds=50, resample=resample)["m"]
    assert (score.score, score.lower, score.upper) == (100, 100, 100)


@pytest.mark.parametrize("resample", ["questions", "arena_hard"])
def test_a_model_without_a_verdict_has_no_score(resample: Resample) -> None:
    games = [Game("q", "mute", None, swapped=False), Game("q", "m", "A=B", swapped=False)]
    scores = bradley_terry(games, rounds=50, resample=resample)
    assert (scores["mute"].score, scores["mute"].lower) == (None, None)
    assert scores["m"].score == 50


def test_rounds_that_draw_no_verdict_of_a_model_do_not_count() -> None:
    games = [Game("q0", "m", "B>A", swapped=False)]
    games += [Game(f"q{q}", "m", None, swapped=False) for q in range(1, 6)]
    score = bradley_terry(games, rounds=200)["m"]
    assert (score.score, score.lower, score.upper) == (100, 100, 100)


@pytest.mark.parametrize("resample", ["questions", "arena_hard"])
def test_one_seed_one_interval(resample: Resample) -> None:
    games = random_games(models=2, questions=30)
    first, again, other = (bradley_terry(games, rounds=100, seed=s, resample=resample) for s in (1, 1, 2))
    assert first == again
    assert first != other
    for score in first.values():
        assert score.score is not None
        assert score.lower is not None
        assert score.upper is not None
        assert score.lower < score.score < score.upper


def test_questions_with_agreeing_games_have_wider_intervals_than_their_battles_suggest() -> None:
    rng = np.random.default_rng(0)
    games = []
    for q in range(200):
        won = rng.random() < 0.5
        games.append(Game(f"q{q}", "m", "B>>A" if won else "A>>B", swapped=False))
        games.append(Game(f"q{q}", "m", "A>>B" if won else "B>>A", swapped=True))
    widths = {}
    for resample in ("questions", "arena_hard"):
        score = bradley_terry(games, rounds=2_000, resample=resample)["m"]
        assert score.lower is not None
        assert score.upper is not None
        widths[resample] = score.upper - score.lower
    # Six battles a question say one thing: the true spread is sqrt(6) times that of independent battles.
    assert widths["questions"] / widths["arena_hard"] == pytest.approx(6**0.5, rel=0.1)
