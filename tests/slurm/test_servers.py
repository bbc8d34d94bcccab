"""Servers that are kept, as Slurm jobs: on one node and over two, used, missed, cancelled."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from project import PATIENCE
from slurm.cluster import Cluster
from slurm.machine import wait_until
from slurm.on_cluster import PROFILE, OnCluster

START = (*PROFILE, "servers", "--config", "models=demo-late", "arenas=")
EXISTING = """\
model: demo-late
engine: external
server: demo-late
context_length: 1024
sampling: {temperature: 0.8}
"""
OVER_TWO = "nodes: 2\n"


def command(project: OnCluster, *words: str, check: bool = True) -> str:
    """Run `python -m snakeval.servers` in the project and return what it printed."""
    done = subprocess.run(
        [str(project.project.programs / "python"), "-m", "snakeval.servers", *words],
        cwd=project.project.folder,
        env=project.project.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0 or not check, done.stdout
    return done.stdout


@pytest.fixture
def kept(slurm_project: OnCluster) -> Iterator[OnCluster]:
    """A project with one kept server of demo-late, which the test may end as it likes."""
    start(slurm_project)
    yield slurm_project
    command(slurm_project, "cancel", "--all", check=False)


def start(project: OnCluster) -> None:
    project.project.run(*START)
    command(project, "health", "--wait", "60")


def wait_for_nothing(project: OnCluster) -> None:
    project.cluster.wait_empty()
    wait_until(lambda: project.project.processes() == {}, f"left: {project.project.processes()}")


def over_two(project: OnCluster, more: str = "") -> None:
    """Have demo-late served over two nodes."""
    file = project.project.folder / "config/models/demo-late.yaml"
    file.write_text(file.read_text() + OVER_TWO + more)


def test_a_life(kept: OnCluster) -> None:
    project, cluster = kept.project, kept.cluster
    (job,) = cluster.jobs()
    assert (job.state, job.partition, job.gpus) == ("RUNNING", "gpu", 8)
    line = command(kept, "list").splitlines()[1].split()
    assert (line[0], line[1], line[2], line[4]) == ("demo-late/1", "ready", job.nodes, str(job.number))

    # A second time nothing is started; the servers outlive the runs.
    project.run(*START)
    assert len(cluster.jobs()) == 1
    project.run(*START, "kept_servers=2")
    assert [job.partition for job in cluster.jobs()] == ["gpu", "gpu"]
    command(kept, "health", "--wait", "60", "--min", "2")
    assert len(command(kept, "urls", "demo-late").splitlines()) == 2
    command(kept, "cancel", "demo-late/2")

    (project.folder / "config/models/existing.yaml").write_text(EXISTING)
    target = "results/generations/demo-questions/external-demo-late.parquet"
    project.run(*PROFILE, target, "--config", "models=existing", "benchmarks=demo-questions", "arenas=")
    assert len(kept.engine.starts()) == 2
    assert {request["node"] for request in kept.engine.requests()} == {job.nodes}
    assert len(kept.engine.requests()) == 24

    exported = command(kept, "env")
    key = (project.folder / ".servers/demo-late/key").read_text().strip()
    assert f"export OPENAI_API_BASE={line[3]}" in exported
    assert key not in exported
    assert key not in json.dumps(cluster.show_job(job.number))
    command(kept, "cancel", "demo-late")
    assert project.processes() == {}
    assert command(kept, "list") == "no server is kept\n"
    assert cluster.jobs() == []


@pytest.mark.parametrize("how", ["scancel", "kill -9 of the owner", "kill -9 of the engine"])
def test_the_end_of_a_server_is_noticed(kept: OnCluster, how: str) -> None:
    (job,) = kept.cluster.jobs()
    if how == "scancel":
        kept.cluster.client("scancel", str(job.number))
    else:
        pattern = "snakeval.serving.kept.owner" if "owner" in how else "fake_vllm.py"
        kill(kept, pattern)
    if "engine" in how:
        # Its owner starts another.
        command(kept, "health", "--wait", "60")
        assert len(kept.engine.starts()) == 2
        return
    wait_for_nothing(kept)
    assert f"Slurm job {job.number} has ended" in command(kept, "health", check=False)
    (kept.project.folder / "config/models/existing.yaml").write_text(EXISTING)
    target = "results/generations/demo-questions/external-demo-late.parquet"
    config = ("--config", "models=existing", "benchmarks=demo-questions", "arenas=")
    said = kept.project.run(target, *config, check=False)
    assert said.returncode != 0
    assert "no server of 'demo-late' lives" in said.stdout
    start(kept)
    assert len(kept.cluster.jobs()) == 1


def kill(project: OnCluster, pattern: str) -> None:
    """kill -9 of the process with this in its command line that has no guardian's or shell's besides."""
    victims = [
        pid
        for pid, line in project.project.processes().items()
        if pattern in line and "guardian" not in line and not line.startswith(("/bin/sh", "srun"))
    ]
    for pid in victims:
        os.kill(pid, signal.SIGKILL)
    assert victims


def test_over_two_nodes(slurm_project: OnCluster) -> None:
    over_two(slurm_project)
    start(slurm_project)
    (job,) = slurm_project.cluster.jobs()
    assert (job.state, job.nodes, job.gpus) == ("RUNNING", "h100-[01-02]", 16)
    head, other = sorted(slurm_project.engine.starts(), key=lambda entry: "--headless" in entry["options"])
    assert {head["node"], other["node"]} == {"h100-01", "h100-02"}
    assert head["gpus"] == other["gpus"] == "0,1,2,3,4,5,6,7"
    assert head["parallel"] == other["parallel"] == {"data": 16}
    assert "--headless" not in head["options"]
    assert other["options"][other["options"].index("--data-parallel-start-rank") + 1] == "8"
    command(slurm_project, "cancel", "--all")
    assert slurm_project.project.processes() == {}
    assert slurm_project.cluster.jobs() == []


@pytest.mark.parametrize(
    "pattern", ["snakeval.serving.kept.owner", "srun", "snakeval.serving.rank", "--headless"]
)
def test_whoever_of_two_nodes_dies(slurm_project: OnCluster, pattern: str) -> None:
    over_two(slurm_project)
    start(slurm_project)

    def alive() -> list[int]:
        return [
            pid
            for pid, line in slurm_project.project.processes().items()
            if pattern in line
            and "guardian" not in line
            and (pattern != "snakeval.serving.rank" or "srun" not in line)
        ]

    # The stand-in on the first node answers whether or not the other one has begun.
    wait_until(lambda: len(slurm_project.engine.starts()) >= 2 and alive(), f"there is no {pattern!r}")
    victims = alive()
    for pid in victims if pattern != "srun" else victims[:1]:
        os.kill(pid, signal.SIGKILL)
    if pattern == "snakeval.serving.kept.owner":
        wait_for_nothing(slurm_project)
        assert "has ended" in command(slurm_project, "health", check=False)
    else:
        # The other rank is ended with it, and the owner starts both anew.
        wait_until(lambda: len(slurm_project.engine.starts()) >= 4, "the ranks were not started again")
        command(slurm_project, "health", "--wait", "60")
        running = [
            line
            for line in slurm_project.project.processes().values()
            if "fake_vllm.py" in line and "guardian" not in line
        ]
        assert len(running) == 2
    command(slurm_project, "cancel", "--all")
    assert slurm_project.project.processes() == {}


def test_a_job_with_too_few_nodes(slurm_project: OnCluster, cluster: Cluster) -> None:
    over_two(slurm_project)
    slurm_project.project.run("results/configs/demo-late.yaml")
    options = "--account=llm_eval --partition=gpu --nodes=1 --ntasks=1"
    command(slurm_project, "start", "demo-late", "--sbatch", options)
    said = command(slurm_project, "health", "--wait", "60", check=False)
    assert "2 nodes are needed, this Slurm job has 1" in said
    cluster.wait_empty()
    command(slurm_project, "cancel", "--all")
    assert not Path(slurm_project.project.folder, ".servers/demo-late").exists()
