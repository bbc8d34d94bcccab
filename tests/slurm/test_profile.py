"""profiles/slurm on the test cluster: what its jobs ask for, and what a wrong name in it does."""

from __future__ import annotations

import re

from slurm.cluster import Job
from slurm.on_cluster import PROFILE, OnCluster

TARGET = "results/metrics/demo-arithmetic/demo-late/math.json"


def jobs_after(slurm_project: OnCluster, *arguments: str) -> list[Job]:
    """The jobs that a run has submitted."""
    cluster = slurm_project.cluster
    before = {job.number for job in cluster.all_jobs()}
    slurm_project.project.run(*arguments, *PROFILE)
    return [job for job in cluster.all_jobs() if job.number not in before]


def rule_of(job: Job) -> str:
    """The rule in a job's comment, `serve` for a service with its consumers."""
    found = re.fullmatch(r"rule_(?:[0-9a-f-]{36}_)?(.+?)(?:_wildcards_.*)?", job.comment)
    assert found, job.comment
    return "serve" if "serve" in found[1].split("_") else found[1]


def test_only_the_server_holds_gpus(slurm_project: OnCluster) -> None:
    """Also with `--config`, which would replace a profile's own `config:`."""
    project, engine, cluster = slurm_project.project, slurm_project.engine, slurm_project.cluster
    (project.folder / "config/models/demo-late.yaml").write_text(
        "model: demo/models/late\nslug: demo-late\ntensor_parallel_size: 2\ndata_parallel_size: 2\n"
    )
    jobs = jobs_after(slurm_project, TARGET, "--config", "models=demo-late", "arenas=")
    held = {rule_of(job): (job.state, job.partition, job.gpus) for job in jobs}
    assert held == {
        "serve": ("COMPLETED", "gpu", 4),
        "grades-demo-late_aggregate_grade": ("COMPLETED", "cpu", 0),
    }
    (start,) = engine.starts()
    (server,) = [job for job in jobs if job.gpus]
    assert (start["job"], start["node"]) == (str(server.number), server.nodes)
    assert start["gpus"] == "0,1,2,3"
    assert start["parallel"] == {"tensor": 2, "data": 2}
    assert "cpu=16," in server.resources, "four processors a GPU"
    shown = cluster.show_job(server.number)
    assert (shown["NumNodes"], shown["TimeLimit"], shown["Account"]) == ("1", "08:00:00", "llm_eval")


def test_a_second_attempt_asks_for_more(slurm_project: OnCluster) -> None:
    slurm_project.engine.behave(broken=3)
    project, cluster = slurm_project.project, slurm_project.cluster
    project.edit("profiles/mine/config.yaml", "retries: 2", "retries: 1")
    before = {job.number for job in cluster.all_jobs()}
    target = "results/generations/demo-questions/demo-late.parquet"
    failed = project.run(target, *PROFILE, "--config", "models=demo-late", check=False)
    assert failed.returncode != 0
    servers = [job for job in cluster.all_jobs() if job.number not in before and job.partition == "gpu"]
    assert [job.state for job in servers] == ["FAILED", "FAILED"]
    first, second = (cluster.show_job(job.number) for job in servers)
    assert (first["MinMemoryNode"], second["MinMemoryNode"]) == ("202000M", "404000M")
    assert (first["TimeLimit"], second["TimeLimit"]) == ("08:00:00", "12:00:00")


def test_unknown_names_are_refused_before_anything_is_submitted(slurm_project: OnCluster) -> None:
    project, cluster = slurm_project.project, slurm_project.cluster
    project.edit("profiles/mine/config.yaml", "slurm_account: llm_eval", "slurm_account: your-account")
    project.edit("profiles/mine/config.yaml", "slurm_partition: gpu", "slurm_partition: gpus")
    before = cluster.all_jobs()
    refused = project.run(TARGET, *PROFILE, check=False)
    assert refused.returncode != 0
    assert "slurm_account: your-account (rules aggregate, " in refused.stdout
    assert "Slurm has llm_eval, root" in refused.stdout
    assert (
        "slurm_partition: gpus (rules serve): Slurm has cpu, debug, gpu, gpua100, scavenge" in refused.stdout
    )
    assert "profiles/slurm" in refused.stdout
    assert cluster.all_jobs() == before


# A line of the profile, what stands there, what is said of it.
REFUSED = [
    ("    # gpu_model: h100", "    gpu_model: h100-80gb", "Invalid GPU model format: h100-80gb"),
    ("    # slurm_extra: \"'--exclusive'\"", "    slurm_extra: \"'--mem=1'\"", "--mem"),
]


def test_what_the_plugin_refuses_of_a_group_ends_the_run(slurm_project: OnCluster) -> None:
    """Plugin 2.8.0 neither submits such a group nor says so."""
    project, cluster = slurm_project.project, slurm_project.cluster
    before, file = cluster.all_jobs(), "profiles/mine/config.yaml"
    for there, wrong, said in REFUSED:
        project.edit(file, there, wrong)
        refused = project.run(TARGET, *PROFILE, check=False)
        assert refused.returncode != 0
        for words in (said, "Nothing was submitted", "the rule serve"):
            assert words in refused.stdout
        project.edit(file, wrong, there)
    assert cluster.all_jobs() == before


def test_typed_gpus_features_and_a_partition_by_model(slurm_project: OnCluster) -> None:
    """The commented examples of the profile."""
    project, engine = slurm_project.project, slurm_project.engine
    (project.folder / "config/models/demo-late.yaml").write_text(
        "model: demo/models/late\nslug: demo-late\ntensor_parallel_size: 2\ndata_parallel_size: 1\n"
    )
    text = (project.folder / "profiles/mine/config.yaml").read_text()
    text = text.replace("    slurm_partition: gpu\n", "")
    for old, new in {
        "# gpu_model: h100": "gpu_model: a100",
        "# constraint: nvlink": "constraint: a100",
        "# slurm_extra:": "slurm_extra:",
        "# slurm_partition: \"'gpua100' if wildcards.model.startswith('vllm-small')": (
            "slurm_partition: \"'scavenge' if wildcards.model.startswith('demo')"
        ),
    }.items():
        assert old in text
        text = text.replace(old, new)
    (project.folder / "profiles/mine/config.yaml").write_text(text)
    target = "results/generations/demo-questions/demo-late.parquet"
    (server,) = [job for job in jobs_after(slurm_project, target) if rule_of(job) == "serve"]
    # Two were asked for, and --exclusive gives all that a node has.
    assert (server.partition, server.nodes, server.gpus) == ("scavenge", "a100-01", 4)
    assert "gres/gpu:a100=4" in server.resources
    (start,) = engine.starts()
    assert start["gpus"].startswith("0,1")
    assert start["parallel"] == {"tensor": 2}
