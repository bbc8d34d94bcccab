"""Scores against the logistic regression they stand for, and the properties of their intervals."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from snakeval.arena.conventions import arena_hard_v01
from snakeval.statistics.battles import Game, collect
from snakeval.statistics.bootstrap import resampled_counts
from snakeval.statistics.bradley_terry import design, fit, refits
from snakeval.statistics.labels import Label
from snakeval.statistics.scores import Options, Score, scores
from snakeval.statistics.style import Style, features
from snakeval.statistics.winrates import win_rates
from unit.statistics.arena_games import random_games, tournament


def regression(games: list[Game], weight: int, baseline: str = "baseline") -> dict[str, float]:
    """The published form: one row a battle, the two players' columns +1 and -1, a tie as half a win each."""
    names = {game.model for game in games} | {game.opponent for game in games}
    players = [baseline, *sorted(names - {baseline})]
    rows, wins, shares = [], [], []
    for game in games:
        if game.label is None:
            continue
        a, b = (game.model, game.opponent) if game.swapped else (game.opponent, game.model)
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


def of(games: list[Game], weight: int = 3, rounds: int = 10, seed: int = 0) -> dict[str, Score]:
    return scores(games, Options(weight, rounds, seed)).models


@pytest.mark.parametrize("weight", [1, 3])
def test_the_closed_form_is_the_regression(weight: int) -> None:
    games = random_games(models=5, questions=40)
    games[3] = Game(games[3].question, games[3].model, None, games[3].swapped)
    expected = regression(games, weight)
    found = of(games, weight=weight)
    assert {model: score.score for model, score in found.items()} == pytest.approx(expected, abs=1e-3)


def test_many_against_many_is_the_regression_too() -> None:
    games = tournament(models=4, questions=60)
    expected = regression(games, 3, "m0")
    found = scores(games, Options(rounds=200, baseline="m0"))
    assert {m: s.score for m, s in found.models.items()} == pytest.approx(expected, abs=1e-2)
    assert all(s.lower and s.upper and s.score and s.lower < s.score < s.upper for s in found.models.values())


def test_rounds_are_what_refits_by_scikit_learn_would_give() -> None:
    """With features, in a round whose weights are those of drawn questions."""
    games = tournament(models=4, questions=40)
    battles = collect(games, 3, "m0")
    rng = np.random.default_rng(0)
    table = rng.normal(size=(len(battles.first), 2))
    rows = design(battles, table)
    whole = battles.outcomes.astype(np.float64)
    (counts,) = resampled_counts(np.ones(40), 5, seed=1)
    drawn = [whole * count[battles.question][:, None] for count in counts]
    for outcomes, found in zip(drawn, refits(rows, iter(drawn), fit(rows, whole)), strict=True):
        again = fit(rows, outcomes)
        assert found.players == pytest.approx(again.players, abs=1e-5)
        assert found.effects == pytest.approx(again.effects, abs=1e-5)


def test_style_control_finds_the_effect_and_the_strength_without_it() -> None:
    """A judge who likes length only: a long-winded model of the baseline's strength has 50 without it."""
    rng = np.random.default_rng(3)
    games, styles, ratios = [], {}, []
    for q in range(1500):
        question = f"q{q}"
        lengths = rng.integers(100, 400), rng.integers(200, 800)
        styles[question, "baseline"], styles[question, "m"] = (Style(int(n), 0, 0, 0) for n in lengths)
        ratio = (lengths[1] - lengths[0]) / (lengths[1] + lengths[0])
        ratios.append(ratio)
        won = rng.random() < 1 / (1 + np.exp(-3 * ratio))
        games.append(Game(question, "m", "B>A" if won else "A>B", swapped=False))
    plain = scores(games, Options(rounds=10))
    held = scores(games, Options(rounds=300, control=("length",), styles=styles))
    assert (plain.models["m"].score or 0) > 65
    low, high = held.models["m"].lower, held.models["m"].upper
    assert low
    assert high
    assert low < 50 < high
    spread = np.std(ratios)
    effect = held.effects["length"]
    assert effect.lower
    assert effect.upper
    assert effect.lower < 3 * spread < effect.upper


def test_features_are_scaled_by_their_spread_over_battles_and_centred_where_asked() -> None:
    games = [Game(f"q{q}", "m", "B>A", swapped=False) for q in range(4)]
    styles = {(f"q{q}", "m"): Style(100 + 50 * q, q, 0, 0) for q in range(4)}
    styles |= {(f"q{q}", "baseline"): Style(100, 1, 0, 0) for q in range(4)}
    battles = collect(games, 1)
    ours = features(battles, styles, ("length", "markdown"))
    centred = features(battles, styles, ("length", "markdown"), centred=True)
    assert ours.shape == (4, 4)
    assert ours[0, 0] == 0
    assert centred.mean(axis=0) == pytest.approx(np.zeros(4))
    assert np.std(ours[:, :2], axis=0, ddof=1) == pytest.approx(np.ones(2))
    # (150 - 100) / (150 + 100), and per token densities of headers: (1/150 - 1/100) / (1/150 + 1/100 + 1)
    ratio = ours[1, :2] / ours[3, :2]
    assert ratio[0] == pytest.approx(0.2 / (150 / 350))
    one, three = (1 / 150 - 0.01) / (1 / 150 + 1.01), (3 / 250 - 0.01) / (3 / 250 + 1.01)
    assert ratio[1] == pytest.approx(one / three)


def test_an_unknown_style_is_named() -> None:
    with pytest.raises(KeyError, match="q0"):
        scores([Game("q0", "m", "B>A", swapped=False)], Options(control=("length",)))


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
    assert of(games, weight=weight)["m"].score == pytest.approx(expected)


def test_a_model_that_wins_everything_has_a_finite_score() -> None:
    games = [Game(f"q{q}", "m", "B>>A", swapped=False) for q in range(20)]
    score = of(games)["m"]
    assert (score.score, score.lower, score.upper) == (100, 100, 100)
    published = arena_hard_v01(games, Options()).models["m"]
    assert (published.score, published.lower, published.upper) == (100, 100, 100)


def test_a_model_that_beats_everybody_in_a_tournament_has_a_finite_rating() -> None:
    games = [
        *tournament(models=3, questions=20),
        *(Game(f"q{q}", "best", "B>>A", swapped=False, opponent="m1") for q in range(20)),
    ]
    found = scores(games, Options(rounds=20, baseline="m0"))
    assert (found.models["best"].score or 0) > 99
    assert np.isfinite(found.ratings).all()


def test_a_model_without_a_verdict_has_no_score() -> None:
    games = [Game("q", "mute", None, swapped=False), Game("q", "m", "A=B", swapped=False)]
    found = of(games)
    assert found["mute"] == Score()
    assert found["m"].score == 50


def test_players_that_no_battles_join_to_the_baseline_have_no_score() -> None:
    games = tournament(models=3, questions=10)
    games += [Game("q0", "far", "A>B", swapped=False, opponent="away")]
    found = scores(games, Options(rounds=10, baseline="m0")).models
    assert found["far"].score is None
    assert found["m1"].score is not None


def test_rounds_that_draw_no_verdict_of_a_model_do_not_count() -> None:
    games = [Game("q0", "m", "B>A", swapped=False)]
    games += [Game(f"q{q}", "m", None, swapped=False) for q in range(1, 6)]
    score = of(games, rounds=200)["m"]
    assert (score.score, score.lower, score.upper) == (100, 100, 100)


def test_nobody_plays_against_itself() -> None:
    with pytest.raises(ValueError, match="'m' plays against itself"):
        collect([Game("q", "m", "A>B", swapped=False, opponent="m")], 3)


def test_one_seed_one_interval_and_the_narrower_lies_inside() -> None:
    games = random_games(models=2, questions=30)
    first, again, other = (of(games, rounds=100, seed=s) for s in (1, 1, 2))
    assert first == again
    assert first != other
    for s in first.values():
        assert s.score is not None
        assert s.lower is not None
        assert s.upper is not None
        assert s.lower90 is not None
        assert s.upper90 is not None
        assert s.lower < s.lower90 < s.score < s.upper90 < s.upper


def test_the_interval_over_questions_covers_as_often_as_it_says() -> None:
    """Questions are easy or hard and their two games agree; 95% intervals hold the truth about that often."""
    rng = np.random.default_rng(0)
    held = 0
    for trial in range(200):
        games = []
        for q in range(80):
            label: Label = "B>A" if rng.random() < 0.6 else "A>B"
            other: Label = "A>B" if label == "B>A" else "B>A"
            games.append(Game(f"q{q}", "m", label, swapped=False))
            games.append(Game(f"q{q}", "m", other, swapped=True))
        s = of(games, rounds=400, seed=trial)["m"]
        assert s.lower is not None
        assert s.upper is not None
        held += s.lower <= 60 <= s.upper
    assert 0.9 <= held / 200 <= 0.99


def test_questions_with_agreeing_games_have_wider_intervals_than_their_battles_suggest() -> None:
    rng = np.random.default_rng(0)
    games = []
    for q in range(200):
        won = rng.random() < 0.5
        games.append(Game(f"q{q}", "m", "B>>A" if won else "A>>B", swapped=False))
        games.append(Game(f"q{q}", "m", "A>>B" if won else "B>>A", swapped=True))
    ours, published = of(games, rounds=2_000)["m"], arena_hard_v01(games, Options()).models["m"]
    widths = [s.upper - s.lower for s in (ours, published) if s.upper is not None and s.lower is not None]
    # Six battles a question say one thing: the true spread is sqrt(6) times that of independent battles.
    assert widths[0] / widths[1] == pytest.approx(6**0.5, rel=0.25)


def test_win_rates_between_models_follow_their_ratings() -> None:
    found = win_rates(scores(tournament(models=3, questions=200), Options(rounds=2, baseline="m0")), "m0")
    assert found is not None
    assert found["models"] == ["m2", "m1", "m0"]
    percent = np.array(found["percent"])
    assert percent + percent.T == pytest.approx(np.full((3, 3), 100.0))
    assert percent[0, 1] == pytest.approx(100 / (1 + np.exp(-0.5)), abs=6)
