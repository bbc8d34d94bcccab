"""The staleness contract: what changes, and exactly which jobs run again.

A service and its consumers are one group: where one consumer is stale, Snakemake runs the others too. Those
ask for nothing (the last tests here). In the table they are named apart, by `arena` and `judged_again`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from project import Project
from snakeval.dag.identity import VERSIONS

pytestmark = pytest.mark.e2e

BENCHMARK = "config/benchmarks/demo-arithmetic.yaml"
LATE = "config/models/demo-late.yaml"
COSTS = {"costs": ["results/costs.json"]}
SHOWN = {"all": [""], "report": ["results/report.html"], "summary": ["results/summary.csv"]}


def grades(model: str, *graders: str) -> dict[str, list[str]]:
    """The jobs behind grades of one model that are made anew."""
    rules = {"math": "grade", "demo-answer": "grade_judge"}
    jobs: dict[str, list[str]] = {}
    for grader in graders:
        jobs.setdefault(rules[grader], []).append(f"results/grades/demo-arithmetic/{model}/{grader}.parquet")
        jobs.setdefault("aggregate", []).append(f"results/metrics/demo-arithmetic/{model}/{grader}.json")
    # The judge is compared with the verifier, and what it costs is summed up.
    jobs["calibrate"] = ["results/judges/demo-arithmetic/demo-answer.json"]
    return merge(jobs, COSTS) if "demo-answer" in graders else jobs


def merge(*parts: dict[str, list[str]]) -> dict[str, list[str]]:
    merged: dict[str, list[str]] = {}
    for part in parts:
        for rule, outputs in part.items():
            merged[rule] = sorted({*merged.get(rule, []), *outputs})
    return merged


def generations(*models: str, benchmark: str = "demo-arithmetic") -> dict[str, list[str]]:
    return {"generate": [f"results/generations/{benchmark}/{model}.parquet" for model in models]}


def edit_problem(project: Project) -> None:
    data = project.folder / "demo/data/problems.jsonl"
    lines = data.read_text().splitlines(keepends=True)
    lines[0] = lines[0].replace("How many", "So how many", 1)
    data.write_text("".join(lines))


def fresh_checkout(project: Project) -> None:
    for path in project.folder.rglob("*"):
        if ".snakemake" not in path.parts and "results" not in path.parts:
            os.utime(path)


def comment(project: Project) -> None:
    for name in ("generation/generate.py", "grading/graders/math.py", "scoring/aggregate.py"):
        path = project.folder / "workflow/snakeval" / name
        path.write_text(path.read_text() + "\n# A remark.\n")


BOTH = ("demo-early", "demo-late")


def arena(*models: str) -> dict[str, list[str]]:
    """The arena's jobs, which share the models' services."""
    judged = {
        "arena_judge": ["results/arena/demo/demo-pair/judgments/demo-late.jsonl"],
        "leaderboard": ["results/arena/demo/demo-pair/leaderboard.csv"],
    }
    return merge(generations(*models, benchmark="demo-questions"), judged, COSTS)


judged_again = merge(*(grades(model, "demo-answer") for model in BOTH))
EVERYTHING_GRADED = merge(*(grades(model, "math", "demo-answer") for model in BOTH), SHOWN)
CHANGES: dict[str, tuple[Callable[[Project], None], dict[str, list[str]]]] = {
    "nothing": (lambda project: None, {}),
    "temperature of one model": (
        lambda project: project.edit(LATE, "temperature: 0.8", "temperature: 0.9"),
        merge(generations("demo-late"), grades("demo-late", "math"), judged_again, arena("demo-late"), SHOWN),
    ),
    "label of one model": (lambda project: project.edit(LATE, "label: ", "label: new "), SHOWN),
    "prompt of the answer judge": (
        lambda project: project.edit("config/prompts/demo_answer_judge.jinja", "Problem:", "The problem:"),
        merge(*(grades(model, "demo-answer") for model in BOTH), SHOWN),
    ),
    "text of one problem": (
        edit_problem,
        merge(
            {"prepare": ["results/problems/demo-arithmetic.parquet"]},
            *(generations(*BOTH), EVERYTHING_GRADED, arena(*BOTH)),
        ),
    ),
    "n_samples": (
        lambda project: project.edit(BENCHMARK, "n_samples: 8", "n_samples: 12"),
        merge(generations(*BOTH), EVERYTHING_GRADED, arena(*BOTH)),
    ),
    "version of the math grader": (
        lambda project: project.edit(
            "workflow/snakeval/dag/identity.py", f'"grade_math": {VERSIONS["grade_math"]}', '"grade_math": 99'
        ),
        merge(*(grades(model, "math") for model in BOTH), SHOWN),
    ),
    "GPUs": (lambda project: project.edit("config/config.yaml", "per_node: 0", "per_node: 8"), {}),
    "concurrency": (lambda project: project.edit(LATE, "concurrency: 64", "concurrency: 32"), {}),
    "comments in library modules": (comment, {}),
    "a fresh checkout's times": (fresh_checkout, {}),
    "bootstrap seed": (
        lambda project: project.edit("config/config.yaml", "  seed: 0", "  seed: 1"),
        merge(
            {
                "aggregate": sorted(
                    f"results/metrics/demo-arithmetic/{model}/{grader}.json"
                    for model in BOTH
                    for grader in ("math", "demo-answer")
                ),
                "leaderboard": ["results/arena/demo/demo-pair/leaderboard.csv"],
            },
            SHOWN,
        ),
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_exactly_what_is_stale_runs_again(change: str, finished: Project, tmp_path: Path) -> None:
    project = finished.copy(tmp_path / "project")
    edit, expected = CHANGES[change]
    edit(project)
    jobs = project.stale()
    jobs.pop("serve", None)  # runs whenever one of its consumers does, and starts an engine on demand
    assert jobs == expected


def test_raising_n_samples_generates_only_the_new_ones(finished: Project, tmp_path: Path) -> None:
    project = finished.copy(tmp_path / "project")
    project.edit(BENCHMARK, "n_samples: 8", "n_samples: 12")
    project.run("results/generations/demo-arithmetic/demo-late.parquet")
    log = (project.folder / "results/logs/generate/demo-arithmetic/demo-late.log").read_text()
    assert "576 samples wanted, 384 in the journal, 192 to ask for" in log


def test_one_changed_problem_is_asked_alone(finished: Project, tmp_path: Path) -> None:
    project = finished.copy(tmp_path / "project")
    edit_problem(project)
    project.run("results/generations/demo-arithmetic/demo-late.parquet")
    log = (project.folder / "results/logs/generate/demo-arithmetic/demo-late.log").read_text()
    assert "384 samples wanted, 376 in the journal, 8 to ask for" in log


def test_a_fresh_consumer_of_a_service_asks_for_nothing(finished: Project, tmp_path: Path) -> None:
    """The arena's questions are answered at temperature 0: another temperature of the model asks for none."""
    project = finished.copy(tmp_path / "project")
    project.edit(LATE, "temperature: 0.8", "temperature: 0.9")
    fresh = "results/generations/demo-questions/demo-late.parquet"
    before = pq.read_table(project.folder / fresh)
    project.run("results/generations/demo-arithmetic/demo-late.parquet", fresh)
    log = (project.folder / "results/logs/generate/demo-questions/demo-late.log").read_text()
    assert "24 samples wanted, all in the journal" in log
    # The rows; what the file says of its inputs has changed with the serving config.
    assert pq.read_table(project.folder / fresh).equals(before)
