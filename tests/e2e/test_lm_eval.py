"""Tasks of lm-evaluation-harness on the demo model under a real vLLM: generation and likelihood."""

from __future__ import annotations

import csv

import pytest

from project import Project

pytestmark = pytest.mark.e2e


def test_both_kinds_of_task(project: Project) -> None:
    project.run(
        "--config", "lm_eval=demo-arithmetic,demo-choice", "models=demo-late", "benchmarks=", "arenas="
    )
    with (project.folder / "results/lm_eval.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["model"] == "demo-late"
    # The demo model solves nearly all of its problems greedily (demo/README.md).
    assert float(row["demo_arithmetic exact_match,boxed"]) >= 0.9
    assert 0.0 <= float(row["demo_choice acc,none"]) <= 1.0
