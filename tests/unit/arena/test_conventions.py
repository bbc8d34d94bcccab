"""What sets each published convention apart; the figures themselves are in tests/golden."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from snakeval.arena.conventions import CONVENTIONS, READERS, arena_hard_v01, arena_hard_v20, nemo_skills
from snakeval.statistics.battles import FloatArray, Game, collect
from snakeval.statistics.scores import Options, Score, scores
from snakeval.statistics.style import Style, Styles, counts, features
from unit.statistics.arena_games import random_games, tournament


def styled(questions: int, models: int) -> Styles:
    rng = np.random.default_rng(5)
    players = ["baseline", *(f"m{i}" for i in range(models))]
    return {
        (f"q{q}", player): Style(int(rng.integers(50, 500)), *(int(n) for n in rng.integers(0, 9, 3)))
        for q in range(questions)
        for player in players
    }


def test_v01_with_style_is_the_regression_that_was_published() -> None:
    """Battle by battle, doubled, with columns of log(10), centred features and the default penalty."""
    games, styles = random_games(models=3, questions=25), styled(25, 3)
    options = Options(weight=3, control=("length", "markdown"), styles=styles)
    found = arena_hard_v01(games, options).models
    battles = collect(games, 3)
    rows, wins = [], []
    differences = -counts(*(_table(styles, battles, side) for side in (battles.first, battles.second)))
    repeated = np.repeat(differences, battles.outcomes.sum(axis=1), axis=0)
    scaled = (differences - repeated.mean(axis=0)) / repeated.std(axis=0)
    for row, (won, tied, lost) in enumerate(battles.outcomes):
        column = np.zeros(4)
        column[battles.second[row]], column[battles.first[row]] = math.log(10), -math.log(10)
        line = np.concatenate([column, scaled[row]])
        for count, results in ((won, (0, 0)), (tied, (0, 1)), (lost, (1, 1))):
            for result in results * int(count):
                rows.append(line)
                wins.append(result)
    coefficients = LogisticRegression(fit_intercept=False).fit(np.array(rows), wins).coef_[0]
    for i, name in enumerate(battles.players[1:], start=1):
        chance = 100 / (1 + 10 ** (coefficients[0] - coefficients[i]))
        assert found[name].score == pytest.approx(chance, abs=0.02)


def _table(styles: Styles, battles: object, side: object) -> FloatArray:
    from dataclasses import astuple

    from snakeval.statistics.battles import Battles

    assert isinstance(battles, Battles)
    assert isinstance(side, np.ndarray)
    return np.array(
        [
            astuple(styles[battles.questions[q], battles.players[p]])
            for q, p in zip(battles.question, side, strict=True)
        ],
        dtype=np.float64,
    )


def test_v20_leaves_out_a_question_with_a_null_game() -> None:
    games = [
        Game("q0", "m", "B>A", swapped=False),
        Game("q0", "m", None, swapped=True),
        Game("q1", "m", "A>B", swapped=False),
        Game("q1", "m", "B>A", swapped=True),
    ]
    assert arena_hard_v20(games, Options()).models["m"].score == 0
    assert (scores(games, Options(rounds=10)).models["m"].score or 0) > 30


def test_v20_has_a_90_percent_interval_alone_and_its_rounds_mean() -> None:
    found = arena_hard_v20(random_games(models=2, questions=60), Options(seed=1)).models["m1"]
    ours = scores(random_games(models=2, questions=60), Options(rounds=10)).models["m1"]
    assert (found.lower, found.upper) == (None, None)
    assert found.score == pytest.approx(ours.score, abs=2)
    assert found.score != ours.score
    assert found == arena_hard_v20(random_games(models=2, questions=60), Options(seed=1)).models["m1"]


def test_v20_with_style_centres_what_ours_does_not() -> None:
    """Answers twice the baseline's length that win by it: centred, the score stays where it was."""
    rng = np.random.default_rng(0)
    games, styles = [], {}
    for q in range(600):
        other, mine = int(rng.integers(100, 300)), int(rng.integers(250, 700))
        styles[f"q{q}", "baseline"], styles[f"q{q}", "m"] = Style(other, 0, 0, 0), Style(mine, 0, 0, 0)
        won = rng.random() < 1 / (1 + np.exp(-3 * (mine - other) / (mine + other)))
        games += [Game(f"q{q}", "m", "B>A" if won else "A>B", swapped=False)]
        games += [Game(f"q{q}", "m", "A>B" if won else "B>A", swapped=True)]
    options = Options(rounds=20, control=("length",), styles=styles)
    plain = scores(games, Options(rounds=20)).models["m"].score
    published, ours = (
        arena_hard_v20(games, options).models["m"].score,
        scores(games, options).models["m"].score,
    )
    assert plain == pytest.approx(published, abs=3)
    assert ours == pytest.approx(50, abs=10)
    battles = collect(games, 1)
    assert features(battles, styles, ("length",), centred=True).mean() == pytest.approx(0, abs=1e-9)


def test_nemo_skills_takes_each_model_by_itself() -> None:
    games = random_games(models=3, questions=20)
    alone = nemo_skills([game for game in games if game.model == "m1"], Options()).models["m1"]
    assert nemo_skills(games, Options()).models["m1"] == alone
    assert arena_hard_v01(games, Options()).models["m1"] != alone


def test_v01_knows_the_baseline_only() -> None:
    with pytest.raises(ValueError, match="against the baseline only"):
        arena_hard_v01(tournament(models=3, questions=3), Options(baseline="m0"))


@pytest.mark.parametrize("name", ["snakeval", "arena-hard-v0.1", "arena-hard-v2.0", "nemo-skills"])
def test_a_model_without_a_verdict_has_no_score_anywhere(name: str) -> None:
    games = [Game("q", "mute", None, swapped=False), Game("q", "m", "A=B", swapped=False)]
    found = CONVENTIONS[name](games, Options(rounds=5)).models  # type: ignore[index]
    assert found.get("mute", Score()) == Score()
    assert found["m"].score == 50


@pytest.mark.parametrize(
    ("text", "v01", "v20"),
    [
        ("[[A>B]]", "A>B", "A>B"),
        ("[[A<B]]", None, "B>A"),
        ("[[A>>A]]", None, None),
        ("[[A>B]] or [[B>A]]", None, "B>A"),
        ("[A>B]", None, "A>B"),
        ("", None, None),
    ],
)
def test_readers(text: str, v01: str | None, v20: str | None) -> None:
    assert READERS["arena-hard-v0.1"](text) == READERS["nemo-skills"](text) == v01
    assert READERS["arena-hard-v2.0"](text) == v20
