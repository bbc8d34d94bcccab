"""The real vLLM, on processors, over two nodes: a copy on each, and one copy that both of them share."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest

from project import PATIENCE
from slurm.machine import wait_until
from slurm.on_cluster import PROFILE, OnCluster
from slurm.test_servers import EXISTING, command

pytestmark = pytest.mark.e2e

TARGET = "results/generations/demo-questions/external-demo-late.parquet"
SIZES = {
    "copies": "data_parallel_size: 2",
    "layers divided": "tensor_parallel_size: 2",
    "layers dealt out": "pipeline_parallel_size: 2",
}


@pytest.mark.parametrize("how", SIZES)
def test_two_nodes(vllm_project: OnCluster, how: str) -> None:
    project, cluster = vllm_project.project, vllm_project.cluster
    project.edit("profiles/mine/gpus.yaml", "per_node: 8", "per_node: 0")
    file = project.folder / "config/models/demo-late.yaml"
    file.write_text(f"{file.read_text()}nodes: 2\n{SIZES[how]}\nstart_timeout: {PATIENCE}\n")
    (project.folder / "config/models/existing.yaml").write_text(EXISTING)
    project.run(*PROFILE, "servers", "--config", "models=demo-late", "arenas=")
    assert command(vllm_project, "health", "--wait", "250", "demo-late") == "demo-late/1: healthy\n"
    (job,) = cluster.jobs()
    assert (job.nodes, job.gpus) == ("h100-[01-02]", 0)
    # It was not healthy before each node had its part of the model; srun numbers the lines of other nodes.
    log = (project.folder / ".servers/demo-late/1/log").read_text()
    loaded = [line.startswith("0: ") for line in log.splitlines() if "Loading weights took" in line]
    assert sorted(loaded) == [False, True]
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
    wait_until(lambda: project.processes() == {}, "a rank is left")
