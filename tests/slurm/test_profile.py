"""profiles/slurm on the test cluster."""

from __future__ import annotations

from slurm.on_cluster import OnCluster

ARGUMENTS = ("--profile", "profiles/slurm", "--slurm-init-seconds-before-status-checks", "1")


def test_first_run(slurm_project: OnCluster) -> None:
    project, engine, cluster = slurm_project.project, slurm_project.engine, slurm_project.cluster
    before = {job.number for job in cluster.all_jobs()}
    project.run("results/generations/demo-questions/demo-late.parquet", *ARGUMENTS)
    jobs = [job for job in cluster.all_jobs() if job.number not in before]
    assert [(job.state, job.partition, job.gpus) for job in jobs] == [
        ("COMPLETED", "cpu", 0),
        ("COMPLETED", "cpu", 0),
        ("COMPLETED", "gpu", 8),
    ]
    (start,) = engine.starts()
    assert (start["job"], start["gpus"]) == (str(jobs[-1].number), "0,1,2,3,4,5,6,7")
