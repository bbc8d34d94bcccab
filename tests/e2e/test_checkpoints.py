"""Checkpoints of a training run: a broken index, one that is still being written, one that appears later."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from project import Project
from snakeval.models.checkpoints import INDEX, tensors

pytestmark = pytest.mark.e2e

SMALL = """\
source: {file: demo/data/problems.jsonl}
fields: {problem_id: id}
prompt: config/prompts/demo_solve.jinja
limit: 6
n_samples: 2
sampling: {temperature: 0, max_tokens: 160}
graders: [{type: math}]
"""
CONFIG = ("--config", "models=runs/one/step-*", "benchmarks=small", "arenas=")


def checkpoint(
    project: Project, step: int, broken_index: bool = False, kept_bytes: int | None = None
) -> Path:
    """A copy of the demo's late model as a step of a run."""
    folder = project.folder / f"runs/one/step-{step}"
    shutil.copytree(project.folder / "demo/models/late", folder)
    weights = folder / "model.safetensors"
    if broken_index:
        named = dict.fromkeys(sorted(tensors(weights)), "model-00001-of-00001.safetensors")
        (folder / INDEX).write_text(json.dumps({"metadata": {}, "weight_map": named}))
    if kept_bytes is not None:
        content = weights.read_bytes()
        weights.unlink()
        weights.write_bytes(content[:kept_bytes])
    return folder


def texts(project: Project, step: int) -> list[str]:
    path = project.folder / f"results/generations/small/vllm-one-step-{step}.parquet"
    return [str(text) for text in pq.read_table(path)["text"].to_pylist()]


def test_a_training_run(project: Project) -> None:
    (project.folder / "config/benchmarks/small.yaml").write_text(SMALL)
    checkpoint(project, 2)
    broken = checkpoint(project, 10, broken_index=True)
    before = {path.name: path.read_bytes() for path in broken.iterdir()}
    checkpoint(project, 11, kept_bytes=100_000)
    printed = project.run(*CONFIG).stdout
    assert (
        "left out, because not complete (yet): runs/one/step-11 (model.safetensors has 100000 of" in printed
    )

    # vLLM served the broken one from a view, and nobody wrote into its folder.
    assert texts(project, 10) == texts(project, 2)
    assert {path.name: path.read_bytes() for path in broken.iterdir()} == before
    log = (project.folder / "results/logs/serve/generate/vllm-one-step-10.log").read_text()
    assert "results/.views/step-10-" in log
    lines = (project.folder / "results/summary.csv").read_text().splitlines()
    assert [line.partition(",")[0] for line in lines[1:]] == ["vllm-one-step-2", "vllm-one-step-10"]

    # Its last file arrives: the next run evaluates it, and nothing else but the tables.
    shutil.copy(project.folder / "demo/models/late/model.safetensors", project.folder / "runs/one/step-11")
    new = "vllm-one-step-11"
    jobs = project.stale(*CONFIG)
    jobs.pop("serve")
    assert jobs == {
        "infer_config": [f"results/configs/{new}.yaml"],
        "generate": [f"results/generations/small/{new}.parquet"],
        "grade": [f"results/grades/small/{new}/math.parquet"],
        "aggregate": [f"results/metrics/small/{new}/math.json"],
        "summary": ["results/summary.csv"],
        "report": ["results/report.html"],
        "all": [""],
    }
