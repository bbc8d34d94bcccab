"""Metrics of small hand-made runs, whose figures can be told by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from snakeval.scoring.aggregate import aggregate, combine
from snakeval.system.tables import read_rows, write_rows
from snakeval.types import Generation, Grade, Json, Message, Problem, Verdict

MESSAGES: tuple[Message, ...] = ({"role": "user", "content": "q"},)
UNKNOWN: dict[float | None, Verdict] = {1.0: "correct", None: "judge_null"}


def run(
    folder: Path,
    rewards: Sequence[Sequence[float | None]],
    answers: Sequence[Sequence[str | None]] | None = None,
    truncated: frozenset[tuple[int, int]] = frozenset(),
    order: int = 1,
) -> Json:
    """Metrics of rewards[p][i]; answers[p][i] and truncated (p, i) where they matter; rows in any order."""
    problems, asked, graded = [], [], []
    for p, row in enumerate(rewards):
        problems.append(Problem(f"p{p}", MESSAGES, "1"))
        for i, reward in enumerate(row):
            key = (f"p{p}", i, f"{p}-{i}")
            reason = "length" if (p, i) in truncated else "stop"
            asked.append(Generation(*key, MESSAGES, 0, "text", None, reason, 5, 10 * (i + 1), 1.5))
            answer = answers[p][i] if answers else None
            graded.append(Grade(*key, reward, answer, UNKNOWN.get(reward, "incorrect")))
    paths = [folder / f"{name}.parquet" for name in ("problems", "generations", "grades")]
    write_rows(paths[0], Problem, problems[::order])
    write_rows(paths[1], Generation, asked[::order])
    write_rows(paths[2], Grade, graded)
    return aggregate(*paths, data_source="d", model="m", grader="math", rounds=400, seed=1)


def test_figures_by_hand(tmp_path: Path) -> None:
    metrics = run(tmp_path, [[1, 0, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0]])
    assert (metrics["num_problems"], metrics["num_samples"], metrics["n_samples"]) == (3, 12, 4)
    assert metrics["mean_reward"] == pytest.approx(5 / 12)
    assert metrics["pass_at_k"] == pytest.approx(
        {"1": 5 / 12, "2": (0.5 + 1) / 3, "3": (0.75 + 1) / 3, "4": 2 / 3}
    )
    assert metrics["mean_completion_tokens"] == 25
    assert metrics["mean_seconds"] == 1.5
    assert metrics["maj_at_k"] == metrics["ci95"]["maj_at_k"] == {}
    assert metrics["bootstrap"] == {"rounds": 400, "seed": 1}
    assert json.loads(json.dumps(metrics, allow_nan=False)) == metrics


def test_intervals_enclose_their_figures_and_agree_where_the_figures_do(tmp_path: Path) -> None:
    metrics = run(tmp_path, [[i % 3 == 0, i % 5 == 0] for i in range(40)])
    for k, value in metrics["pass_at_k"].items():
        lower, upper = metrics["ci95"]["pass_at_k"][k]
        assert 0 <= lower < value < upper <= 1
    assert metrics["ci95"]["mean_reward"] == pytest.approx(metrics["ci95"]["pass_at_k"]["1"])


def test_the_order_of_rows_in_the_files_changes_nothing(tmp_path: Path) -> None:
    rewards = [[i % 3 == 0, i % 5 == 0] for i in range(20)]
    assert run(tmp_path, rewards) == run(tmp_path, rewards, order=-1)


def test_graded_rewards_count_in_the_mean_and_pass_at_full_marks(tmp_path: Path) -> None:
    metrics = run(tmp_path, [[0.5, 1.0], [0.25, 0.25]])
    assert metrics["mean_reward"] == pytest.approx(0.5)
    assert metrics["pass_at_k"] == pytest.approx({"1": 0.25, "2": 0.5})


def test_an_unknown_reward_counts_as_zero_and_is_shown(tmp_path: Path) -> None:
    metrics = run(tmp_path, [[1, None], [1, 1]])
    assert metrics["mean_reward"] == pytest.approx(0.75)
    assert metrics["pass_at_k"]["1"] == pytest.approx(0.75)
    assert metrics["validity"]["judge_null"] == 1
    assert metrics["validity"]["requested"] == metrics["validity"]["generated"] == 4


def test_bounds_say_what_truncated_samples_could_change(tmp_path: Path) -> None:
    metrics = run(tmp_path, [[1, 0], [0, 0]], truncated=frozenset({(0, 0), (1, 1)}))
    assert metrics["validity"]["truncated"] == 2
    assert metrics["bounds"]["mean_reward"] == [0, 0.5]
    assert metrics["bounds"]["pass_at_k"] == {"1": [0, 0.5], "2": [0, 1]}
    untouched = run(tmp_path, [[1, 0], [0, 0]])
    assert untouched["bounds"]["mean_reward"] == [0.25, 0.25]


def test_who_answered_stands_beside_the_score(tmp_path: Path) -> None:
    run(tmp_path, [[1, 0], [0, 0]])
    paths = [tmp_path / f"{name}.parquet" for name in ("problems", "generations", "grades")]
    rows = list(read_rows(paths[1], Generation))
    rows[0] = replace(rows[0], model="m", other_model="n", replaced=2)
    write_rows(paths[1], Generation, [rows[0], *(replace(row, model="m") for row in rows[1:])])
    metrics = aggregate(*paths, data_source="d", model="m", grader="math", rounds=9)
    assert metrics["answered_by"] == {"m": 3, "n": 1}
    noted = {key: metrics["validity"][key] for key in ("other_model", "renamed", "replaced")}
    assert noted == {"other_model": 1, "renamed": 1, "replaced": 1}


def test_the_majority_votes_over_the_samples_all_problems_have(tmp_path: Path) -> None:
    metrics = run(
        tmp_path,
        [[1, 1, 0], [0, 1, 1, 1]],
        answers=[["x", "x", "y"], ["u", "v", None, "v"]],
    )
    assert metrics["n_samples"] == 3
    assert metrics["maj_at_k"] == {"3": 0.5}
    lower, upper = metrics["ci95"]["maj_at_k"]["3"]
    assert (lower, upper) == (0, 1)


def test_a_grader_that_finds_no_answer_has_no_majority(tmp_path: Path) -> None:
    assert run(tmp_path, [[0, 0]], answers=[[None, None]])["maj_at_k"] == {}


def metrics_of(problems: int, reward: float, arm: float, ks: Sequence[int] = (1, 2)) -> Json:
    interval = [reward - arm, reward + arm]
    return {
        "num_problems": problems,
        "num_samples": 2 * problems,
        "mean_reward": reward,
        "pass_at_k": {str(k): reward for k in ks},
        "maj_at_k": {},
        "ci95": {"mean_reward": interval, "pass_at_k": {str(k): interval for k in ks}},
        "validity": {"requested": 2 * problems, "truncated": problems},
    }


def test_the_aggregate_weighs_by_problems() -> None:
    combined = combine({"a": metrics_of(30, 0.5, 0.2, ks=(1, 2, 3)), "b": metrics_of(10, 0.9, 0.1)})
    total = combined["_aggregate"]
    assert list(combined) == ["a", "b", "_aggregate"]
    assert combined["a"]["num_problems"] == 30
    assert (total["num_problems"], total["num_samples"]) == (40, 80)
    assert total["mean_reward"] == pytest.approx(0.6)
    assert total["pass_at_k"] == pytest.approx({"1": 0.6, "2": 0.6})
    assert total["validity"] == {"requested": 80, "truncated": 40}
    arm = ((0.75 * 0.2) ** 2 + (0.25 * 0.1) ** 2) ** 0.5
    assert total["ci95"]["mean_reward"] == pytest.approx([0.6 - arm, 0.6 + arm])


def test_the_aggregate_of_one_data_set_is_that_data_set() -> None:
    combined = combine({"a": metrics_of(30, 0.5, 0.2)})
    assert combined["_aggregate"] == {
        **combined["a"],
        "ci95": {
            "mean_reward": pytest.approx([0.3, 0.7]),
            "pass_at_k": {k: pytest.approx([0.3, 0.7]) for k in ("1", "2")},
        },
    }


def test_the_aggregate_of_two_halves_is_close_to_the_pooled_bootstrap(tmp_path: Path) -> None:
    rewards = [[i % 7 < 3, i % 3 == 0] for i in range(200)]
    whole = run(tmp_path, rewards)
    halves = {"a": run(tmp_path, rewards[:80]), "b": run(tmp_path, rewards[80:])}
    pooled = combine(halves)["_aggregate"]
    assert pooled["pass_at_k"] == pytest.approx(whole["pass_at_k"])
    assert pooled["ci95"]["pass_at_k"]["1"] == pytest.approx(whole["ci95"]["pass_at_k"]["1"], abs=0.01)


def test_nothing_to_combine_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to combine"):
        combine({})
