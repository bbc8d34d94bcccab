"""Arena-Hard: scores, intervals and bootstrap rounds as published, from published battles and judgments."""

from __future__ import annotations

import csv
import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from published import BINARYFIDDLER, MYASHKA, battles, judgments, rows
from snakeval.arena.conventions import (
    CONVENTIONS,
    arena_hard_v01,
    five_labels,
    nemo_skills,
    rounds_of_v01,
)
from snakeval.judging.verdicts import extract_label
from snakeval.statistics.battles import POINTS, Game, collect
from snakeval.statistics.labels import mirrored
from snakeval.statistics.scores import Options, scores
from snakeval.statistics.style import style_of
from snakeval.types import Json

pytestmark = pytest.mark.golden
ONE = Options(weight=1)
BATTLES = "arena_hard_battles.jsonl"


def from_texts(arena: Path) -> list[Game]:
    return [
        Game(row["question_id"], row["model"], extract_label(game["judgment"]), swapped=swapped)
        for row in judgments(arena / BINARYFIDDLER)
        for game, swapped in zip(row["games"], (False, True), strict=True)
    ]


def test_every_battle_of_ten_questions_from_raw_judgments(arena: Path) -> None:
    """From judges' texts to battles, each equal; the chain was published with weight 1."""
    ours = Counter(
        (game.question, game.model, mirrored(game.label) if game.swapped else game.label)
        for game in from_texts(arena)
        if game.label
    )
    weak = {"A>>B": "A>B", "B>>A": "B>A"}
    found: Counter[object] = Counter()
    for (question, model, label), count in ours.items():
        found[question, model, weak.get(label, label)] += count
    published = Counter(
        (game.question, game.model, game.label) for game in battles(arena / BINARYFIDDLER / BATTLES)
    )
    assert sum(published.values()) == 120
    assert found == published


def test_ten_questions_from_raw_judgments(arena: Path) -> None:
    """One of the six is the baseline, truth_model, judged against itself: it gets 42.5 where a judge who
    does not mind the places would give 50.
    """
    found = {name: score.score for name, score in scores(from_texts(arena), ONE).models.items()}
    assert sorted((s for s in found.values() if s), reverse=True) == pytest.approx(
        [62.5, 60.0, 52.5, 52.5, 47.5, 42.5]
    )
    assert (found["mistral-7b"], found["truth_model"]) == pytest.approx((62.5, 42.5))
    again = scores(battles(arena / BINARYFIDDLER / BATTLES), ONE).models
    assert {name: score.score for name, score in again.items()} == found


def test_each_of_a_hundred_published_bootstrap_rounds(arena: Path) -> None:
    """The published program's rounds, one by one: the same draws, and its regressions in closed form."""
    games = battles(arena / MYASHKA / BATTLES)
    found = collect(games, 1)
    published = rows(arena / MYASHKA / "bootstrapping_results.jsonl")
    ours = list(rounds_of_v01(games, found, 1))
    assert len(ours) == len(published) == 100
    for ratings, row in zip(ours, published, strict=True):
        elo = {name: 1000 + 400 * ratings[i] / math.log(10) for i, name in enumerate(found.players) if i}
        assert elo == pytest.approx({name: row[name] for name in elo}, abs=0.01)


def test_rounds_where_the_baseline_met_itself(arena: Path) -> None:
    """The regression gives those games one column; it then places the baseline, and all others from there."""
    games = battles(arena / BINARYFIDDLER / BATTLES)
    found = collect(games, 1)
    published = rows(arena / BINARYFIDDLER / "bootstrapping_results.jsonl")
    for ratings, row in zip(rounds_of_v01(games, found, 1), published, strict=True):
        elo = {name: 1000 + 400 * ratings[i] / math.log(10) for i, name in enumerate(found.players) if i}
        shift = elo.pop("truth_model") - 1000
        expected = {name: value + shift for name, value in elo.items()}
        assert expected == pytest.approx({name: row[name] for name in expected}, abs=0.02)


def official(arena: Path) -> dict[str, list[Json]]:
    """Rows of the official tables, by model."""
    found: dict[str, list[Json]] = {}
    for path in sorted((arena / "official_leaderboards").glob("*.csv")):
        with path.open(encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                found.setdefault(row["model"], []).append(row)
    return found


@pytest.mark.parametrize(("model", "published"), [("gpt-4-0613", 37.90), ("gpt-3.5-turbo-0125", 23.34)])
def test_official_scores_and_intervals(arena: Path, model: str, published: float) -> None:
    """Four official tables give one score and, from 100 rounds each over other models, four intervals."""
    score = arena_hard_v01(battles(arena / MYASHKA / BATTLES), ONE).models[model]
    tables = official(arena)[model]
    assert len(tables) == 4
    assert {float(row["score"]) for row in tables} == {published} == {score.score}
    for row in tables:
        assert score.lower == pytest.approx(float(row["rating_q025"]), abs=0.8)
        assert score.upper == pytest.approx(float(row["rating_q975"]), abs=0.8)


def test_conventions_differ_in_intervals_not_in_what_they_estimate(arena: Path) -> None:
    games = battles(arena / MYASHKA / BATTLES)
    for name in ("gpt-4-0613", "gpt-3.5-turbo-0125"):
        found = [convention(games, ONE).models[name] for convention in CONVENTIONS.values()]
        ours = found[0]
        assert ours.score is not None
        for score in found[1:]:
            assert score.score == pytest.approx(ours.score, abs=0.8)
            assert score.lower90 is not None
            assert score.upper90 is not None
            assert ours.lower90 is not None
            assert ours.upper90 is not None
            assert score.upper90 - score.lower90 < ours.upper90 - ours.lower90


def test_nemo_skills(data_dir: Path) -> None:
    """21.28 (-10.64, 8.51) with 3 invalid, to the last digit; `A<B` and `A<<B` are no labels there.

    Read, they are two more wins, and the interval over questions shows what ten questions are worth.
    """
    path = data_dir / "nemo_skills_eval_fixtures" / "eval-results" / "arena-hard" / "output.jsonl-test"
    if not path.exists():
        pytest.skip(f"no published data: {path} is not there")
    ours, theirs = [], []
    for i, row in enumerate(rows(path)):
        for key, swapped in (("judgement-gen-base", True), ("judgement-base-gen", False)):
            ours.append(Game(str(i), "gen", extract_label(row[key]), swapped))
            theirs.append(Game(str(i), "gen", five_labels(row[key]), swapped))
    assert sum(game.label is None for game in theirs) == 3
    assert sum(game.label is None for game in ours) == 1
    published = nemo_skills(theirs, Options()).models["gen"]
    assert published.score == 21.28
    assert published.lower is not None
    assert published.upper is not None
    assert round(published.lower - 21.28, 2) == -10.64
    assert round(published.upper - 21.28, 2) == 8.51
    found = scores(ours, Options()).models["gen"]
    assert found.score == pytest.approx(100 * (10 + 4) / (47 + 4))
    assert found.lower is not None
    assert found.upper is not None
    assert found.upper - found.lower > 2 * (published.upper - published.lower)


def test_style_of_official_answers(arena: Path) -> None:
    """Counts that were published with 1,498 answers. In one, the published program takes code out of text in
    which it occurs again, so that a second block no longer is one, and counts headers in that block.
    """
    differing, count = [], 0
    for path in sorted((arena / "official_v2.0" / "model_answer").glob("*.jsonl")):
        for row in rows(path):
            known = row["metadata"]
            found = style_of(row["messages"][-1]["content"]["answer"], known["token_len"])
            counted = (found.headers, found.lists, found.bold)
            if counted != tuple(sum(known[f"{key}_count"].values()) for key in ("header", "list", "bold")):
                differing.append(row["uid"])
            count += 1
    assert count == 1498
    assert differing == ["52b8db0870364864"]


def test_points_of_battles_are_the_score(arena: Path) -> None:
    found = collect(battles(arena / MYASHKA / BATTLES), 1)
    number = found.players.index("gpt-4-0613")
    outcomes = found.outcomes[found.first == number].sum(axis=0)
    assert round(100 * float(outcomes @ POINTS / np.sum(outcomes)), 2) == 37.90
