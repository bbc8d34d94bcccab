"""Agents over a real engine, beside the model alone and on its server, to the summary."""

from __future__ import annotations

import csv
import os
import signal
import time

import pyarrow.parquet as pq
import pytest

from project import PATIENCE, Project
from snakeval.journal.index import scan
from snakeval.journal.lines import decode_line

pytestmark = pytest.mark.e2e
BENCHMARK = """\
source: {file: demo/data/problems.jsonl}
fields: {problem_id: id}
prompt: config/prompts/demo_solve.jinja
limit: 3
n_samples: 2
sampling: {max_tokens: 64}
graders: [{type: math}]
"""
COMMON = "sampling: {max_tokens: 48}\nmax_total_tokens: 100000\n"
AGENTS = {
    "twice": "kind: self_eval_sequential\niterations: 2\nstop_when_passed: false\n"
    "evaluate: config/prompts/self_evaluate.jinja\nrefine: config/prompts/self_refine.jinja\n",
    "pool": "kind: deepseek_math\nproofs: 2\nverifications: 2\nrefined: 1\nanalyses: 1\nrounds: 1\n"
    "evaluate: config/prompts/verify_proof.jinja\nrefine: config/prompts/refine_proof.jinja\n",
}
MODELS = ("demo-late", "demo-late-agent-twice", "demo-late-agent-pool")


def test_agents_beside_their_model(project: Project) -> None:
    (project.folder / "config/benchmarks/few.yaml").write_text(BENCHMARK)
    for name, text in AGENTS.items():
        (project.folder / f"config/agents/{name}.yaml").write_text(text + COMMON)
    models = "models=demo-late,demo-late+twice,demo-late+pool"
    run = ("--config", models, "benchmarks=few", "arenas=")
    project.run(*run)
    with (project.folder / "results/summary.csv").open(newline="") as file:
        assert {row["model"] for row in csv.DictReader(file)} == set(MODELS)
    results = project.folder / "results"
    for model in MODELS:
        rows = pq.read_table(results / f"generations/few/{model}.parquet").to_pylist()
        assert len(rows) == 6
        assert all(row["error"] is None and row["text"] for row in rows)
        journal = scan(results / f".journal/generations/few/{model}")
        # At least a second turn of each sample, and its own row.
        assert len(journal.done) == 6 if model == "demo-late" else len(journal.done) >= 18
    assert [path.stem for path in (results / "configs").glob("*.yaml")] == ["demo-late"]
    assert [path.stem for path in (results / "logs/serve").rglob("*.log")] == ["demo-late"]
    assert "Nothing to be done" in project.run(*run).stdout

    journal = scan(results / ".journal/generations/few/demo-late-agent-twice")
    path = project.folder / "config/agents/twice.yaml"
    path.write_text(path.read_text().replace("iterations: 2", "iterations: 1"))
    stale = project.stale(*run)
    # One server, so all of its consumers run, of which two find every row.
    assert [job for job in stale["aggregate"] if "twice" in job] != []
    project.run(*run)
    again = scan(results / ".journal/generations/few/demo-late-agent-twice")
    assert len(again.done) == len(journal.done) + 6  # the samples' own rows: no turn is asked again


def test_a_killed_client_goes_on_at_its_turn(project: Project) -> None:
    """kill -9 in the middle of the turns: what was had before is kept, and nothing is asked twice."""
    text = BENCHMARK.replace("limit: 3", "limit: 40")
    (project.folder / "config/benchmarks/few.yaml").write_text(text)
    (project.folder / "config/agents/twice.yaml").write_text(AGENTS["twice"] + COMMON)
    target = "results/generations/few/demo-late-agent-twice.parquet"
    journal = project.folder / "results/.journal/generations/few/demo-late-agent-twice"
    run = (target, "--config", "models=demo-late+twice", "benchmarks=few", "arenas=")

    def rows() -> list[str]:
        lines = [line for path in journal.glob("*.jsonl") for line in path.read_bytes().splitlines(True)]
        return [decode_line(line)["digest"] for line in lines if line.endswith(b"\n")]

    process = project.start(*run)
    while len(rows()) < 100:  # the first answers are 80
        assert process.poll() is None
        time.sleep(0.02)
    for pid, command in project.processes().items():
        if "generate.py" in command:
            os.kill(pid, signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    before = rows()
    assert not (project.folder / target).exists()
    project.run(*run)
    after = rows()
    assert set(before) < set(after)
    assert len(set(after)) == len(after)
    table = pq.read_table(project.folder / target, columns=["text", "error"]).to_pylist()
    assert len(table) == 80
    assert all(row["error"] is None and row["text"] for row in table)
