"""kill -9 at random moments of a real run: nothing that was computed is lost, nothing is left running."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from project import PATIENCE, Project, new_project
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
CHAINS = 4
SOON = 3.0  # seconds, less than any engine takes to load
STARTING, ANSWERING = 2, 3  # kills of each chain before the first rows are there, and after
BENCHMARK = """\
source: {file: demo/data/problems.jsonl}
fields: {problem_id: id}
prompt: config/prompts/demo_solve.jinja
n_samples: 8
sampling: {temperature: 0, max_tokens: 160}
"""


def prepare(project: Project) -> None:
    """A greedy benchmark of 384 samples that nothing else uses, ready to be asked."""
    (project.folder / "config/benchmarks/killed.yaml").write_text(BENCHMARK)
    project.run("results/configs/demo-late.yaml", "results/problems/killed.parquet", *CONFIG)


def run(project: Project, check: bool = True) -> None:
    project.run(TARGET, *CONFIG, check=check)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    """The rows of a run that nobody disturbs."""
    project = new_project(tmp_path_factory.mktemp("undisturbed") / "project")
    prepare(project)
    run(project)
    rows: list[dict[str, object]] = pq.read_table(project.folder / TARGET, columns=COMPARED).to_pylist()
    return rows


@pytest.mark.parametrize("chain", range(CHAINS))
def test_kills_at_random_moments(chain: int, project: Project, undisturbed: list[dict[str, object]]) -> None:
    """Each run of a project is killed, until the last one is left alone: 20 kills in all.

    First soon after the victim has begun, while the engine loads; then once a random number of rows is there,
    ever more. The engine is the last victim, as its owner starts another and the run goes on.
    """
    rows = undisturbed
    draw = random.Random(chain)
    prepare(project)
    soon = [(0, draw.uniform(0.0, SOON)) for _ in range(STARTING)]
    order = [list(VICTIMS)[(chain + number) % len(VICTIMS)] for number in range(STARTING)]
    order += [*(("client", "snakemake") if chain % 2 else ("snakemake", "client")), "engine"]
    counts = sorted(draw.randrange(1, len(rows) // 2) for _ in range(ANSWERING))
    for number, (count, delay) in enumerate([*soon, *((count, 0.0) for count in counts)]):
        victim = order[number]
        process = project.start(TARGET, *CONFIG)
        found = victims(project, process, VICTIMS[victim])
        time.sleep(delay)
        wait_for_rows(project, process, count)
        os.kill(draw.choice(found), signal.SIGKILL)
        process.communicate(timeout=PATIENCE)
        wait_until_nothing_is_left(project)
        if victim == "snakemake":
            project.run("--unlock")
    run(project)
    assert pq.read_table(project.folder / TARGET, columns=COMPARED).to_pylist() == rows
    assert ok_lines(project) == len(rows), "a row was asked for although a journal held it"


def test_two_heads_on_one_output(project: Project, undisturbed: list[dict[str, object]]) -> None:
    """A lock lost: whatever the two do to each other, rows are neither lost nor doubled."""
    prepare(project)
    heads = [project.start(TARGET, "--nolock", *CONFIG) for _ in range(2)]
    for head in heads:
        head.communicate(timeout=PATIENCE)
    wait_until_nothing_is_left(project)
    run(project)
    assert pq.read_table(project.folder / TARGET, columns=COMPARED).to_pylist() == undisturbed


def wait_for_rows(project: Project, run: subprocess.Popen[str], count: int) -> None:
    """Wait until the journals hold so many rows."""
    while count and lines(project) < count:
        assert run.poll() is None, "the run ended before it could be disturbed"
        time.sleep(0.02)


def victims(project: Project, run: subprocess.Popen[str], pattern: str) -> list[int]:
    """Wait for processes whose command line has the pattern."""
    while True:
        commands = project.processes().items()
        if matching := sorted(pid for pid, command in commands if pattern in command):
            return matching
        assert run.poll() is None, f"the run ended before there was any {pattern!r}"


def wait_until_nothing_is_left(project: Project, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while project.processes() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert project.processes() == {}


def ok_lines(project: Project) -> int:
    """Samples in all journals, counting one asked twice twice."""
    assert len(scan(project.folder / JOURNAL)) > 0
    return lines(project)


def lines(project: Project) -> int:
    files = (project.folder / JOURNAL).glob("*.jsonl")
    return sum(b'"ok":1' in line for path in files for line in path.read_bytes().splitlines())
