"""The test cluster itself: what a job sees, nodes that fail, a controller that restarts."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from slurm.cluster import ACCOUNT, Cluster
from slurm.layout import remove_abandoned
from slurm.machine import wait_until

TESTS = Path(__file__).resolve().parents[1]
OTHER = """
import time
from slurm.cluster import Cluster
other = Cluster()
other.up()
other.client("sbatch", "--account=llm_eval", "--output=/dev/null", "--wrap=sleep 600")
print(other.base, flush=True)
time.sleep(600)
"""


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


def test_side_by_side_and_killed(cluster: Cluster) -> None:
    """Another test run has a cluster of its own; when it is killed, nothing of that is left."""
    other = subprocess.Popen([sys.executable, "-c", OTHER], stdout=subprocess.PIPE, text=True, cwd=TESTS)
    assert other.stdout is not None
    with other.stdout as output:
        base = Path(output.readline().strip())
        environment = {**os.environ, "SLURM_CONF": str(base / "etc/slurm.conf")}
        asked = subprocess.run(["squeue", "-h"], env=environment, capture_output=True, text=True, check=True)
        assert len(asked.stdout.splitlines()) == 1
        assert cluster.jobs() == []
        assert living_with(base)
        other.kill()
        other.wait()
    wait_until(lambda: not living_with(base), "its daemons live on")
    remove_abandoned()
    assert not base.exists()
    assert cluster.base.exists()


def living_with(base: Path) -> list[Path]:
    """Processes that were told of a cluster's folder."""
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            told = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
            if entry.name.isdigit() and entry.name != str(os.getpid()) and str(base).encode() in told:
                found.append(entry)
    return found
