"""Proofs graded by a judge that gives points: asked again, null where unreadable, kept beside the reward."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from snakeval.config import Config
from snakeval.grading.graders.judge import grade_by_judge
from snakeval.problems.prepare import prepare
from snakeval.schema import Benchmark
from snakeval.scoring.aggregate import aggregate
from snakeval.system.tables import read_rows, write_rows
from snakeval.types import Generation, Grade, Problem
from unit.asking.fake_server import FakeServer, completion
from unit.judging.hosted_judge import SERVING, project

PROBLEMS, GENERATIONS, GRADES = (Path(f"results/{name}.parquet") for name in ("problems", "made", "grades"))
JUDGE = "prompt: config/prompts/judge.jinja\npoints: {pattern: '<points>(\\d+) out of 7</points>'}\n"
PROMPT = "{{ problem }} / {{ reference }} / {{ guidelines }} / {{ response }}"
MODEL = "vllm-folders-small"


def proofs(root: Path, base_url: str, monkeypatch: pytest.MonkeyPatch) -> Config:
    """Two problems with guidelines, four proofs of each."""
    config = project(root, base_url, monkeypatch, JUDGE)
    Path("config/prompts/judge.jinja").write_text(PROMPT)
    Path("data/proofs.csv").write_text(
        "id,problem,solution,Grading guidelines\na,Show A.,As A.,6 for B\nb,Show B.,As B.,1 for C\n"
    )
    benchmark = Benchmark.model_validate(
        {
            "source": {"file": "data/proofs.csv"},
            "fields": {"problem_id": "id", "reference": "solution", "guidelines": "Grading guidelines"},
            "prompt": "config/prompts/open.jinja",
            "graders": [{"type": "judge", "judge": "pairs"}],
        }
    )
    config.benchmarks["proofs"] = benchmark
    prepare("proofs", benchmark, root, PROBLEMS)
    rows = [
        Generation(row.problem_id, i, f"{row.problem_id}{i}", row.messages, 0, f"Proof {i}.", None, *LENGTHS)
        for row in read_rows(PROBLEMS, Problem)
        for i in range(4)
    ]
    write_rows(GENERATIONS, Generation, rows)
    return config


LENGTHS = ("stop", 1, 1, 0.5)


def test_points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def judge(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        asked = body["messages"][0]["content"]
        if "Proof 0" in asked:
            return completion("Complete. <points>7 out of 7</points>")
        if "Proof 1" in asked:
            return completion("<points>1 out of 7</points>")
        if "Proof 2" in asked:  # readable when asked again
            return completion("<points>6 out of 7</points>" if body["temperature"] else "six of seven")
        return completion("<points>9 out of 7</points>")

    with FakeServer(judge).running() as server:
        config = proofs(tmp_path, server.base_url, monkeypatch)
        grade_by_judge(
            config,
            "proofs",
            MODEL,
            "pairs",
            problems=PROBLEMS,
            generations=GENERATIONS,
            serving=SERVING,
            service=None,
            journal=Path("results/.journal/grades/proofs"),
            output=GRADES,
        )
    grades = list(read_rows(GRADES, Grade))
    found = [(one.points, one.reward, one.verdict, one.extracted) for one in grades[:4]]
    assert found == [
        (7, 1.0, "correct", None),
        (1, pytest.approx(1 / 7), "incorrect", None),
        (6, pytest.approx(6 / 7), "incorrect", None),
        (None, None, "judge_null", None),
    ]
    assert grades[3].judge_text == "<points>9 out of 7</points>"
    # Two proofs are unreadable at first, one of them for good: 4 + 2 + 1 questions a problem.
    assert len(server.bodies) == 2 * (4 + 2 + 1)
    asked = {body["messages"][0]["content"] for body in server.bodies}
    assert "Show A. / As A. / 6 for B / Proof 0." in asked
    metrics = aggregate(
        PROBLEMS, GENERATIONS, GRADES, data_source="proofs", model="m", grader="pairs", rounds=9
    )
    assert metrics["mean_reward"] == pytest.approx((7 + 1 + 6) / 7 / 4)
    assert metrics["points"] == {"n": 6, "mean": pytest.approx(14 / 3), "counts": {"1": 2, "6": 2, "7": 2}}
    assert metrics["validity"]["judge_null"] == 2
    assert metrics["pass_at_k"]["1"] == 0.25
