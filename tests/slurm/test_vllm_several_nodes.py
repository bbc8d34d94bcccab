"""The real vLLM, on processors, over two nodes: a copy on each."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest

from slurm.machine import wait_until
from slurm.on_cluster import PROFILE, OnCluster
from slurm.test_servers import EXISTING, command

pytestmark = pytest.mark.e2e

TARGET = "results/generations/demo-questions/external-demo-late.parquet"
# The profile offers GPUs, so what vLLM needs on processors stands in the model's file.
MORE = """\
nodes: 2
data_parallel_size: 2
engine_args: [--max-num-seqs, "8", --api-server-count, "1", --enforce-eager, --no-enable-chunked-prefill,
              --kv-cache-memory-bytes, 64M, --gpu-memory-utilization, "0.1"]
env: {OMP_NUM_THREADS: "1", VLLM_CPU_OMP_THREADS_BIND: nobind, TORCHDYNAMO_DISABLE: "1"}
start_timeout: 400
"""


def test_two_nodes(vllm_project: OnCluster) -> None:
    project, cluster = vllm_project.project, vllm_project.cluster
    file = project.folder / "config/models/demo-late.yaml"
    file.write_text(f"{file.read_text()}{MORE}")
    (project.folder / "config/models/existing.yaml").write_text(EXISTING)
    project.run(*PROFILE, "servers", "--config", "models=demo-late", "arenas=")
    assert command(vllm_project, "health", "--wait", "400", "demo-late") == "demo-late/1: healthy\n"
    (job,) = cluster.jobs()
    assert job.nodes == "h100-[01-02]"

    ranks = [line for line in project.processes().values() if "bin/vllm" in line and "guardian" not in line]
    assert len([line for line in ranks if "--headless" in line]) == 1
    assert len([line for line in ranks if "--headless" not in line]) == 1

    # Asked from this machine, as anybody with the key may.
    project.run(TARGET, "--config", "models=existing", "benchmarks=demo-questions", "arenas=")
    rows = pq.read_table(project.folder / TARGET, columns=["text", "error"]).to_pylist()
    assert len(rows) == 24
    assert all(row["error"] is None and "boxed" in row["text"] for row in rows)

    command(vllm_project, "cancel", "--all")
    assert cluster.jobs() == []
    wait_until(lambda: project.processes() == {}, "a rank is left", 30)
