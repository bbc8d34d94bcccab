"""`snakemake plan`: exactly the requests that a run would make are counted as missing."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web

from project import PATIENCE, Project
from snakeval.journal.index import scan
from unit.asking.fake_server import FakeServer, completion

MODEL = """\
model: there
engine: external
slug: there
base_urls: ['{url}']
max_attempts: 1
concurrency: 4
"""
BENCHMARK = """\
source: {file: demo/data/problems.jsonl}
fields: {problem_id: id}
prompt: config/prompts/demo_solve.jinja
limit: 10
n_samples: 8
"""
CONFIG = ("--config", "models=there", "benchmarks=small", "arenas=")
TARGET = "results/generations/small/there.parquet"
FILE = "config/benchmarks/small.yaml"


@pytest.fixture
def server(project: Project) -> Iterator[FakeServer]:
    """A model that answers after `delay` seconds."""

    async def answer(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        await asyncio.sleep(0.2 if number >= 88 else 0)
        return completion()

    with FakeServer(answer).running() as running:
        (project.folder / "config/models/there.yaml").write_text(MODEL.format(url=running.base_url))
        (project.folder / FILE).write_text(BENCHMARK)
        yield running


def planned(project: Project, *config: str) -> dict[str, list[str]]:
    """The cells of each model's line."""
    printed = project.run("plan", *(config or CONFIG)).stdout
    _, _, table = printed.partition("GPU-hours\n")
    lines = [line.split() for line in table.splitlines()[1:]]
    return {line[0]: line[1:] for line in lines[: [line[0] for line in lines].index("all") + 1]}


def test_missing_samples(project: Project, server: FakeServer) -> None:
    # Nothing is made yet, not even the problems.
    assert planned(project)["there"] == ["0", "0", "80", "80", "unknown", "unknown"]
    assert server.bodies == []
    # Nobody grades the benchmark; it is named, so it is asked all the same.
    assert TARGET in project.run("-n", *CONFIG).stdout

    project.run(TARGET, *CONFIG)
    assert planned(project)["there"][2:4] == ["0", "0"]
    assert planned(project)["all"] == ["0", "0", "0", "0", "0.00", "0.00"]

    # Four more a problem, and the length and speed of the first run are known.
    project.edit(FILE, "n_samples: 8", "n_samples: 12")
    there = planned(project)["there"]
    assert there[2:4] == ["40", "40"]
    assert there[4] != "unknown"

    # A run that is killed leaves what it had not yet asked.
    assert len(server.bodies) == 80
    run = project.start(TARGET, *CONFIG)
    deadline = time.monotonic() + 60
    while len(server.bodies) < 100:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    for pid in project.processes():
        os.kill(pid, signal.SIGKILL)
    run.communicate(timeout=PATIENCE)
    project.run("--unlock")
    done = len(scan(project.folder / "results/.journal/generations/small/there"))
    assert 80 < done < 120
    assert planned(project)["there"][2:4] == [str(120 - done)] * 2

    # One other problem is 12 other requests, whatever the file of problems still says.
    project.run(TARGET, *CONFIG)
    data = project.folder / "demo/data/problems.jsonl"
    lines = data.read_text().splitlines(keepends=True)
    data.write_text("".join([lines[0].replace("How many", "So how many", 1), *lines[1:]]))
    assert planned(project)["there"][2:4] == ["12", "12"]


def test_allocations_and_gpus_of_the_demo(project: Project) -> None:
    config = ("--config", 'gpus={"per_node": 8, "memory_gib": 80}')
    lines = planned(project, *config)
    # The models are tiny: eight copies of each, one on each GPU of a node.
    assert lines["demo-early"] == ["1", "8", "384", "24", "408", "unknown", "unknown"]
    assert lines["all"] == ["2", "16", "768", "48", "816", "unknown", "unknown"]
    assert not (project.folder / "results/configs").exists()


def test_what_can_not_be_known_is_said(project: Project) -> None:
    config = ("--config", "models=nobody/has-this", "benchmarks=demo-arithmetic", "arenas=")
    result = project.run("plan", *config, "gpus={'per_node': 8}", HF_HUB_OFFLINE="1")
    assert "nobody/has-this" in result.stdout
    (line,) = [line.split() for line in result.stdout.splitlines() if line.startswith("vllm-nobody")]
    assert line == ["vllm-nobody-has-this", "1", "unknown", "384", "384", "unknown", "unknown"]
