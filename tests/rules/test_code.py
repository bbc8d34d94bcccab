"""Programs from an endpoint through the whole workflow: generated, run in the sandbox, reported."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from project import Project
from unit.asking.fake_server import FakeServer, completion
from unit.sandbox.code_sandbox import needs_sandbox

pytestmark = needs_sandbox
MODEL = """\
model: coder
engine: external
slug: coder
base_urls: ['{url}']
"""
BENCHMARK = """\
source: {file: programs.jsonl}
fields: {problem_id: task_id, problem: prompt, reference: canonical_solution}
prompt: config/prompts/code_complete.jinja
n_samples: 2
graders:
  - {type: code, timeout: 5, code: {format: humaneval}}
"""
ROWS = [
    {
        "task_id": name,
        "prompt": f"def {name}(a, b):\n",
        "entry_point": name,
        "canonical_solution": f"    return a {sign} b\n",
        "test": f"def check(candidate):\n    assert candidate(6, 3) == 6 {sign} 3\n",
    }
    for name, sign in (("add", "+"), ("subtract", "-"))
]
RUN = ("--config", "models=coder", "benchmarks=programs", "arenas=")


def test_programs_are_run_and_reported(project: Project) -> None:
    async def answer(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        name = "add" if "def add" in body["messages"][-1]["content"] else "subtract"
        return completion(f"```python\ndef {name}(a, b):\n    return a + b\n```")

    (project.folder / "programs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    (project.folder / "config/benchmarks/programs.yaml").write_text(BENCHMARK)
    with FakeServer(answer).running() as server:
        (project.folder / "config/models/coder.yaml").write_text(MODEL.format(url=server.base_url))
        project.run(*RUN)
    metrics = json.loads((project.folder / "results/metrics/programs/coder/code.json").read_text())
    assert metrics["pass_at_k"] == {"1": 0.5, "2": 0.5}
    assert metrics["sandbox"] == "bubblewrap"
    log = (project.folder / "results/logs/grade/programs/coder/code.log").read_text()
    assert "2 samples: AssertionError" in log
    assert "Nothing to be done" in project.run(*RUN).stdout
    project.edit("config/benchmarks/programs.yaml", "timeout: 5", "timeout: 6")
    assert set(project.stale(*RUN)) >= {"grade", "aggregate"}
    assert "generate" not in project.stale(*RUN)
