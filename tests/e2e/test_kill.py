"""kill -9 at random moments of a real run: nothing that was computed is lost, nothing is left running."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from project import Project, new_project
from snakeval.journal.index import scan

pytestmark = pytest.mark.e2e

TARGET = "results/generations/killed/demo-late.parquet"
JOURNAL = Path("results/.journal/generations/killed/demo-late")
COMPARED = [
    "problem_id",
    "sample_index",
    "digest",
    "seed",
    "text",
    "finish_reason",
    "completion_tokens",
    "error",
]
VICTIMS = {"client": "generate.py", "engine": "vllm", "snakemake": "bin/snakemake"}
CONFIG = ("--config", "models=demo-late", "benchmarks=killed", "arenas=")
MOMENTS = 20
BENCHMARK = """\
source: {file: demo/data/problems.jsonl}
fields: {problem_id: id}
prompt: config/prompts/demo_solve.jinja
n_samples: 8
sampling: {temperature: 0, max_tokens: 160}
"""


def prepare(project: Project) -> None:
    """A greedy benchmark of 384 samples that nothing else uses."""
    (project.folder / "config/benchmarks/killed.yaml").write_text(BENCHMARK)


def run(project: Project, check: bool = True) -> None:
    project.run(TARGET, *CONFIG, check=check)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[dict[str, object]], float]:
    """The rows of a run that nobody disturbs, and the seconds it took."""
    project = new_project(tmp_path_factory.mktemp("undisturbed") / "project")
    prepare(project)
    started = time.monotonic()
    run(project)
    seconds = time.monotonic() - started
    return pq.read_table(project.folder / TARGET, columns=COMPARED).to_pylist(), seconds


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_kill_at_a_random_moment(
    moment: int, project: Project, undisturbed: tuple[list[dict[str, object]], float]
) -> None:
    rows, seconds = undisturbed
    draw = random.Random(moment)
    victim = list(VICTIMS)[moment % len(VICTIMS)]
    prepare(project)
    process = project.start(TARGET, *CONFIG)
    kill_when(project, VICTIMS[victim], draw, draw.uniform(0.2, 0.95) * seconds)
    process.communicate(timeout=300)
    wait_until_nothing_is_left(project)

    if victim == "snakemake":
        project.run("--unlock")
    run(project)
    assert pq.read_table(project.folder / TARGET, columns=COMPARED).to_pylist() == rows
    assert ok_lines(project) == len(rows), "a row was asked for although a journal held it"


def test_two_heads_on_one_output(
    project: Project, undisturbed: tuple[list[dict[str, object]], float]
) -> None:
    """A lock lost: whatever the two do to each other, rows are neither lost nor doubled."""
    prepare(project)
    project.run("results/configs/demo-late.yaml", "results/problems/killed.parquet", *CONFIG)
    heads = [project.start(TARGET, "--nolock", *CONFIG) for _ in range(2)]
    for head in heads:
        head.communicate(timeout=300)
    wait_until_nothing_is_left(project)
    run(project)
    assert pq.read_table(project.folder / TARGET, columns=COMPARED).to_pylist() == undisturbed[0]


def kill_when(project: Project, pattern: str, draw: random.Random, delay: float) -> None:
    """SIGKILL a process whose command line has the pattern, after `delay` seconds or once it is there."""
    time.sleep(delay)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        matching = sorted(pid for pid, command in project.processes().items() if pattern in command)
        if matching:
            os.kill(draw.choice(matching), signal.SIGKILL)
            return
        if not project.processes():
            return  # the run was quicker than the one measured: nothing to disturb
        time.sleep(0.05)
    pytest.fail(f"no process with {pattern!r} appeared: {project.processes()}")


def wait_until_nothing_is_left(project: Project, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while project.processes() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert project.processes() == {}


def ok_lines(project: Project) -> int:
    """Samples in all journals, counting one asked twice twice."""
    folder = project.folder / JOURNAL
    assert len(scan(folder)) > 0
    return sum(
        b'"ok":1' in line for path in folder.glob("*.jsonl") for line in path.read_bytes().splitlines()
    )
