"""Tasks of lm-evaluation-harness on an endpoint that exists: results, what a failure costs, mistakes."""

from __future__ import annotations

import csv
import json
import re
from typing import Any

from aiohttp import web

from project import Project
from unit.asking.fake_server import FakeServer, completion

MODEL = """\
model: faulty
engine: external
slug: faulty
base_urls: ['{url}']
max_attempts: 1
concurrency: 4
"""
CONFIG = ("--config", "models=faulty", "benchmarks=", "arenas=")
TASK = (*CONFIG, "lm_eval=demo-arithmetic")


def answers(project: Project) -> dict[str, str]:
    lines = (project.folder / "demo/data/problems.jsonl").read_text().splitlines()
    return {row["problem"]: row["answer"] for row in map(json.loads, lines)}


def test_results_and_what_a_failure_costs(project: Project) -> None:
    golden, broken = answers(project), {"now": True}

    async def answer(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        if broken["now"] and number >= 20:
            return web.Response(status=500)
        asked = next(text for text in golden if text in body["messages"][-1]["content"])
        # Every problem whose answer is even is answered rightly.
        right = int(golden[asked])
        return completion(f"\\boxed{{{right + right % 2}}}")

    with FakeServer(answer).running() as server:
        (project.folder / "config/models/faulty.yaml").write_text(MODEL.format(url=server.base_url))
        assert project.run(*TASK, check=False).returncode != 0
        before = len(server.bodies)
        assert {body["temperature"] for body in server.bodies} == {0}
        assert {body["seed"] for body in server.bodies} == {42}
        broken["now"] = False
        project.run(*TASK)
        had = 20
        assert len(server.bodies) - before == len(golden) - had
    found = json.loads((project.folder / "results/lm_eval/demo-arithmetic/faulty.json").read_text())
    even = sum(int(value) % 2 == 0 for value in golden.values()) / len(golden)
    assert found["results"]["demo_arithmetic"]["exact_match,boxed"] == even
    with (project.folder / "results/lm_eval.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row == {"model": "faulty", "demo_arithmetic exact_match,boxed": str(even)}
    assert "| faulty" in (project.folder / "results/lm_eval.md").read_text()
    assert "Nothing to be done" in project.run(*TASK).stdout


def test_mistakes_are_told_before_anything_is_asked(project: Project) -> None:
    async def answer(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        return completion()

    with FakeServer(answer).running() as server:
        (project.folder / "config/models/faulty.yaml").write_text(MODEL.format(url=server.base_url))
        misspelt = project.run(*CONFIG, "lm_eval=gsm8k_cott", check=False)
        project.edit("config/lm_eval/demo-choice.yaml", "endpoint: completions\n", "")
        likelihood = project.run(*CONFIG, "lm_eval=demo-choice", check=False)
        assert server.bodies == []
    assert misspelt.returncode != 0
    assert re.search(r"no task 'gsm8k_cott' in the harness; did you mean .*gsm8k_cot", misspelt.stdout)
    assert likelihood.returncode != 0
    assert "task 'demo_choice' compares likelihoods" in likelihood.stdout


def test_a_folder_that_is_not_there(project: Project) -> None:
    project.edit("config/lm_eval/demo-choice.yaml", "demo/lm_eval", "demo/lm_evil")
    result = project.run("-n", "--config", "lm_eval=demo-choice", check=False)
    assert result.returncode != 0
    assert "config/lm_eval/demo-choice.yaml: include_path: there is no folder 'demo/lm_evil'" in result.stdout
