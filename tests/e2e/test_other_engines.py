"""A whole run with SGLang, played by a stand-in, and with llama.cpp, for real: serve, generate, grade."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from gguf_model import write_gguf
from project import REPOSITORY, Project, new_project

pytestmark = pytest.mark.e2e

SGLANG = """\
model: demo/models/late
slug: with-sglang
engine: sglang
request_timeout: 60
"""
# Without an engine: a GGUF file is llama.cpp's.
LLAMA_CPP = """\
model: late.gguf
slug: with-llama-cpp
engine_args: [--n-parallel=2]
"""
PROBLEMS = 12


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose default target was made with both engines."""
    folder = tmp_path_factory.mktemp("engines")
    project = new_project(folder / "project")
    package = importlib.util.find_spec("xllamacpp")
    assert package is not None, "the extra 'llama-cpp' is not installed"
    assert package.origin is not None
    path = [str(project.folder / "workflow"), str(Path(package.origin).parents[1])]
    (folder / "bin").mkdir()
    program = folder / "bin" / "sglang"
    fake = REPOSITORY / "tests" / "fake_sglang.py"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{fake}" "{folder}" "$@"\n')
    program.chmod(0o755)
    project.variables = {
        "PYTHONPATH": os.pathsep.join(path),
        "PATH": os.pathsep.join([str(project.programs), str(folder / "bin"), os.environ["PATH"]]),
    }
    write_gguf(project.folder / "demo/models/late", project.folder / "late.gguf")
    (project.folder / "config/models/sgl.yaml").write_text(SGLANG)
    (project.folder / "config/models/gg.yaml").write_text(LLAMA_CPP)
    project.edit("config/benchmarks/demo-arithmetic.yaml", "source:", f"limit: {PROBLEMS}\nsource:")
    project.edit("config/benchmarks/demo-arithmetic.yaml", "  - type: judge\n    judge: demo-answer\n", "")
    project.run("--config", "models=sgl,gg", "benchmarks=demo-arithmetic", "arenas=", "lm_eval=")
    return project


def rows(project: Project, slug: str) -> list[dict[str, Any]]:
    file = project.folder / f"results/generations/demo-arithmetic/{slug}.parquet"
    found: list[dict[str, Any]] = pq.read_table(file).to_pylist()
    return found


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_sglang(run: Project) -> None:
    answered = rows(run, "with-sglang")
    asked = lines(run.folder.parent / "requests.jsonl")
    (start,) = lines(run.folder.parent / "starts.jsonl")
    chats = [each["body"] for each in asked if each["path"] == "/v1/chat/completions"]
    # What was aborted, and what the scheduler had no room for, was asked again.
    assert len(chats) == len(answered) + 2
    assert {row["text"] for row in answered} == {r"It is \boxed{34}"}
    assert {row["finish_reason"] for row in answered} == {"stop"}
    assert {body["model"] for body in chats} == {"with-sglang"}
    assert any(each["path"] == "/metrics" for each in asked)
    # The key is in a file of ours that is gone with the server, and in a log that only we can read.
    assert (start["key_seen"], start["mode"]) == (False, 0o600)
    config = Path(start["options"][start["options"].index("--config") + 1])
    assert not config.parent.exists()
    log = run.folder / "results/logs/serve/generate/with-sglang.log"
    assert log.stat().st_mode & 0o777 == 0o600
    assert metrics(run, "with-sglang")["num_samples"] == len(answered)


def metrics(project: Project, slug: str) -> dict[str, Any]:
    file = project.folder / f"results/metrics/demo-arithmetic/{slug}/math.json"
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def test_llama_cpp(run: Project) -> None:
    answered = rows(run, "with-llama-cpp")
    assert len({row["text"] for row in answered}) > 1
    assert {row["finish_reason"] for row in answered} <= {"stop", "length"}
    assert not any(row["error"] for row in answered)
    figures = metrics(run, "with-llama-cpp")
    assert figures["num_samples"] == len(answered)
    assert 0 < figures["mean_reward"] < 1
