"""Arena-Hard: labels stored with published judgments, and scores published for published battles."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from snakeval.bradley_terry import Game, bradley_terry
from snakeval.types import Json
from snakeval.verdicts import CONVENTIONS, Label, extract_label

pytestmark = pytest.mark.golden

BINARYFIDDLER = "fork_binaryfiddler_10q"
MYASHKA = "fork_myashka"
WINNERS: dict[str, Label] = {"model_a": "A>B", "tie": "A=B", "model_b": "B>A"}


@pytest.fixture(scope="module")
def arena(data_dir: Path) -> Path:
    folder = data_dir / "arena_hard"
    if not folder.is_dir():
        pytest.skip(f"no published data: {folder} is not there")
    return folder


def rows(path: Path) -> list[Json]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def judgments(folder: Path) -> list[Json]:
    found = [row for path in sorted(folder.glob("**/*.jsonl")) for row in rows(path) if "games" in row]
    assert found, f"no judgments in {folder}"
    return found


def battles(path: Path) -> list[Game]:
    """Published battles, where strong verdicts stand several times already: to be counted with weight 1."""
    return [
        Game(row["question_id"], row["model_b"], WINNERS[row["winner"]], swapped=False) for row in rows(path)
    ]


# Where ours reads another label than v0.1's tool stored: (question, game, stored, read). That one text says
# `[[A>>A]]`: no label, so null for us, where the published tools keep the string.
NO_LABEL = ("6225fbb8f3084d57852db56882e972ba", 1, "A>>A", None)


@pytest.mark.parametrize(
    ("convention", "differing"), [("arena_hard_v0_1", []), ("arena_hard_v2_0", []), ("snakeval", [NO_LABEL])]
)
def test_stored_labels(arena: Path, convention: str, differing: list[object]) -> None:
    """All labels that forks of the published tool stored come out of the judge's texts."""
    read = CONVENTIONS[convention]
    games = [
        (row["question_id"], number, game["score"], read(game["judgment"]))
        for fork in (BINARYFIDDLER, MYASHKA)
        for row in judgments(arena / fork)
        for number, game in enumerate(row["games"])
    ]
    assert len(games) == 120 + 282
    assert [game for game in games if game[2] != game[3]] == differing


def test_ten_questions_from_raw_judgments(arena: Path) -> None:
    """From judges' texts to scores; the chain was published with weight 1 and baseline truth_model.

    One of the six models is the baseline judged against itself: it gets 42.5 where a judge who does not
    mind the places would give 50.
    """
    games = [
        Game(row["question_id"], row["model"], extract_label(game["judgment"]), swapped=swapped)
        for row in judgments(arena / BINARYFIDDLER)
        for game, swapped in zip(row["games"], (False, True), strict=True)
    ]
    scores = bradley_terry(games, weight=1, rounds=100)
    assert sorted((score.score for score in scores.values() if score.score), reverse=True) == pytest.approx(
        [62.5, 60.0, 52.5, 52.5, 47.5, 42.5]
    )
    assert scores["mistral-7b"].score == pytest.approx(62.5)
    assert scores["truth_model"].score == pytest.approx(42.5)
    from_battles = bradley_terry(
        battles(arena / BINARYFIDDLER / "arena_hard_battles.jsonl"), weight=1, rounds=2
    )
    assert {m: s.score for m, s in from_battles.items()} == {m: s.score for m, s in scores.items()}


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
    """Four official tables give one score and, from 100 rounds each, four intervals a little apart."""
    games = battles(arena / MYASHKA / "arena_hard_battles.jsonl")
    score = bradley_terry(games, weight=1, resample="arena_hard")[model]
    tables = official(arena)[model]
    assert len(tables) == 4
    assert score.score is not None
    assert score.lower is not None
    assert score.upper is not None
    assert {float(row["score"]) for row in tables} == {published} == {round(score.score, 2)}
    for row in tables:
        assert score.lower == pytest.approx(float(row["rating_q025"]), abs=0.5)
        assert score.upper == pytest.approx(float(row["rating_q975"]), abs=0.5)


def test_intervals_over_questions_are_wider_than_the_published_kind(arena: Path) -> None:
    games = battles(arena / MYASHKA / "arena_hard_battles.jsonl")
    clustered = bradley_terry(games, weight=1)
    single = bradley_terry(games, weight=1, resample="arena_hard")
    assert set(clustered) == set(single)
    for model, score in clustered.items():
        other = single[model]
        assert score.lower is not None
        assert score.upper is not None
        assert other.lower is not None
        assert other.upper is not None
        assert score.upper - score.lower > other.upper - other.lower


def test_nemo_skills_score(data_dir: Path) -> None:
    """21.28 with 3 invalid games, for `A<B` and `A<<B` are no labels there; read, they are two more wins."""
    path = data_dir / "nemo_skills_eval_fixtures" / "eval-results" / "arena-hard" / "output.jsonl-test"
    if not path.exists():
        pytest.skip(f"no published data: {path} is not there")
    ours, theirs = [], []
    for i, row in enumerate(rows(path)):
        for key, swapped in (("judgement-gen-base", True), ("judgement-base-gen", False)):
            label = extract_label(row[key])
            ours.append(Game(str(i), "gen", label, swapped))
            known = None if re.search(r"\[\[A<", row[key]) else label
            theirs.append(Game(str(i), "gen", known, swapped))
    assert sum(game.label is None for game in theirs) == 3
    assert sum(game.label is None for game in ours) == 1
    assert bradley_terry(theirs)["gen"].score == pytest.approx(21.28, abs=0.005)
    assert bradley_terry(ours)["gen"].score == pytest.approx(100 * (10 + 4) / (47 + 4))
