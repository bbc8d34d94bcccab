"""A server that spans two nodes, in the workflow: one job, srun for the other rank, nothing left after."""

from __future__ import annotations

import os
import signal

import pytest

from project import PATIENCE
from slurm.machine import wait_until
from slurm.on_cluster import PROFILE, OnCluster

TARGET = "results/generations/demo-questions/demo-late.parquet"
# By hand: a copy of one GPU a node would do for the model.
OVER_TWO = "nodes: 2\ntensor_parallel_size: 8\npipeline_parallel_size: 2\n"


@pytest.fixture(autouse=True)
def over_two(slurm_project: OnCluster) -> None:
    """demo-late is served by one copy on two nodes of eight GPUs."""
    file = slurm_project.project.folder / "config/models/demo-late.yaml"
    file.write_text(file.read_text() + OVER_TWO)


def test_generate(slurm_project: OnCluster) -> None:
    project, cluster, engine = slurm_project.project, slurm_project.cluster, slurm_project.engine
    before = {job.number for job in cluster.all_jobs()}
    project.run(TARGET, *PROFILE)
    served = [job for job in cluster.all_jobs() if job.number not in before and job.gpus]
    assert [(job.state, job.nodes, job.gpus) for job in served] == [("COMPLETED", "h100-[01-02]", 16)]
    head, other = sorted(engine.starts(), key=lambda entry: "--headless" in entry["options"])
    assert {head["node"], other["node"]} == {"h100-01", "h100-02"}
    assert head["gpus"] == other["gpus"] == "0,1,2,3,4,5,6,7"
    assert head["parallel"] == {"tensor": 8, "pipeline": 2}
    for rank, start in enumerate((head, other)):
        assert start["options"][start["options"].index("--node-rank") + 1] == str(rank)
    assert {request["node"] for request in engine.requests()} == {head["node"]}
    wait_until(lambda: project.processes() == {}, "something is left")


def test_typed_gpus(slurm_project: OnCluster) -> None:
    """A type of GPU can't be asked for on several nodes; a feature of theirs can, as the docs say."""
    project, cluster = slurm_project.project, slurm_project.cluster
    before = {job.number for job in cluster.all_jobs()}
    typed = "    gpu_model: h100\n"
    project.edit("profiles/mine/config.yaml", "    # gpu_model: h100\n", typed)
    refused = project.run(TARGET, *PROFILE, check=False)
    assert refused.returncode != 0
    assert "does not go with gpu_model" in refused.stdout
    assert {job.number for job in cluster.all_jobs()} == before

    large = "if wildcards.model == 'demo-late' else"
    by_model = f"    gpu_model: \"None {large} 'h100'\"\n    constraint: \"'h100' {large} None\"\n"
    project.edit("profiles/mine/config.yaml", typed, by_model)
    project.run(TARGET, *PROFILE)
    (served,) = [job for job in cluster.all_jobs() if job.number not in before and job.gpus]
    assert (served.nodes, served.gpus) == ("h100-[01-02]", 16)
    assert cluster.show_job(served.number)["Features"] == "h100"


@pytest.mark.parametrize("how", ["scancel", "kill -9 of the owner"])
def test_all_ranks_are_gone(slurm_project: OnCluster, how: str) -> None:
    project, cluster, engine = slurm_project.project, slurm_project.cluster, slurm_project.engine
    engine.behave(seconds=60)
    head = project.start(TARGET, *PROFILE, "--retries", "0")
    wait_until(lambda: len(engine.starts()) == 2, "the ranks did not start")
    (job,) = [job for job in cluster.jobs() if job.gpus]
    if how == "scancel":
        cluster.client("scancel", str(job.number))
    else:
        for pid, line in project.processes().items():
            if "snakeval.serving.serve_model" in line and "snakemake" not in line:
                os.kill(pid, signal.SIGKILL)
    head.communicate(timeout=PATIENCE)
    cluster.wait_empty()
    wait_until(lambda: project.processes() == {}, "something is left")
