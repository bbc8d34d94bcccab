"""The test cluster itself: what a job sees, nodes that fail, a controller that restarts."""

from __future__ import annotations

from pathlib import Path

from slurm.cluster import ACCOUNT, Cluster
from slurm.machine import wait_until


def submit(cluster: Cluster, command: str, *options: str) -> int:
    """Submit a shell command; return the job's number."""
    submitted = cluster.client("sbatch", "--parsable", f"--account={ACCOUNT}", *options, f"--wrap={command}")
    return int(submitted.split(";")[0])


def test_a_job_sees_its_node_and_its_gpus(cluster: Cluster, tmp_path: Path) -> None:
    said = tmp_path / "said"
    # As Snakemake's jobs do, the step has lost SLURM_CONF.
    command = "hostname; echo $CUDA_VISIBLE_DEVICES; unset SLURM_CONF; srun hostname"
    job = submit(cluster, command, "--partition=gpua100", "--gpus=a100:3", f"--output={said}")
    cluster.wait_empty()
    assert said.read_text().splitlines() == ["a100-01", "0,1,2", "a100-01"]
    (ended,) = [entry for entry in cluster.all_jobs() if entry.number == job]
    assert (ended.state, ended.nodes) == ("COMPLETED", "a100-01")


def test_nodes_and_controller_come_and_go(cluster: Cluster, tmp_path: Path) -> None:
    marker = tmp_path / "running"
    submit(cluster, f"touch {marker}; sleep 600", "--nodelist=cpu02", "--no-requeue", "--output=/dev/null")
    wait_until(marker.exists, "the job does not run")
    cluster.restart_controller()
    (job,) = cluster.jobs()
    assert job.state == "RUNNING"

    cluster.power_off("cpu02")
    cluster.client("scontrol", "update", "nodename=cpu02", "state=down", "reason=test")
    cluster.wait_empty()
    (ended,) = [entry for entry in cluster.all_jobs() if entry.number == job.number]
    assert ended.state == "NODE_FAIL"
    cluster.start_node("cpu02")
    cluster.wait_idle()


def test_clusters_side_by_side(cluster: Cluster) -> None:
    with Cluster().running() as other:
        submit(other, "sleep 600", "--output=/dev/null")
        assert len(other.jobs()) == 1
        assert cluster.jobs() == []
        base = other.base
    assert not base.exists()
    assert cluster.client("sinfo", "--noheader").count("idle")
