"""vLLM over several nodes: which options each of its ranks takes. Rank 0 is on this node and has the API.

Within vLLM's own launcher a copy that spans nodes is one group of processes (--nnodes), and whole copies
are data parallel ranks that register with the first. With Ray, rank 0 alone is started as vLLM; the other
nodes only join Ray's cluster. GPUs and Ray were not at hand when this was written: docs/several-nodes.md
says what was tested, at the least that vLLM's own parser and configuration take these command lines.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from snakeval.serving.allocation import Meeting
from snakeval.serving.spec import ServeSpec

Option = tuple[str, ...]
# What a launch over several nodes decides by itself, in vLLM's long and short spellings.
OURS = frozenset(
    {
        "--data-parallel-address",
        "--data-parallel-rank",
        "--data-parallel-rpc-port",
        "--data-parallel-size-local",
        "--data-parallel-start-rank",
        "--headless",
        "--master-addr",
        "--master-port",
        "--nnodes",
        "--node-rank",
    }
)
SHORT = {
    "-dpa": "--data-parallel-address",
    "-dpl": "--data-parallel-size-local",
    "-dpn": "--data-parallel-rank",
    "-dpp": "--data-parallel-rpc-port",
    "-dpr": "--data-parallel-start-rank",
    "-n": "--nnodes",
    "-r": "--node-rank",
}


@dataclass(frozen=True, slots=True)
class Others:
    """What runs on the other nodes, one command each, and where they find this node."""

    address: str
    hosts: tuple[str, ...]
    commands: tuple[tuple[str, ...], ...]


def options(spec: ServeSpec, meeting: Meeting, rank: int) -> list[Option]:
    """The options of one rank that make it part of the whole. Ports are those of the meeting."""
    nodes, copies = spec.nodes or 1, spec.data_parallel_size or 1
    headless: list[Option] = [("--headless",)] if rank else []
    if spec.distributed_executor_backend == "ray":
        if copies == 1:
            return []
        local = ("--data-parallel-size-local", str(copies // nodes))
        return [("--data-parallel-backend", "ray"), ("--data-parallel-address", meeting.address), local]
    if copies > 1:
        local_copies = copies // nodes
        if rank:
            headless.append(("--data-parallel-start-rank", str(rank * local_copies)))
        return [
            ("--data-parallel-size-local", str(local_copies)),
            ("--data-parallel-address", meeting.address),
            ("--data-parallel-rpc-port", str(meeting.port)),
            *headless,
        ]
    return [
        ("--nnodes", str(nodes)),
        ("--node-rank", str(rank)),
        ("--master-addr", meeting.address),
        ("--master-port", str(meeting.port)),
        *headless,
    ]


def without_api(arguments: Sequence[str]) -> list[str]:
    """Arguments for a rank that has no API: vLLM refuses a number of API servers there."""
    kept: list[str] = []
    skip = False
    for argument in arguments:
        name = argument.partition("=")[0].replace("_", "-")
        if not skip and name != "--api-server-count":
            kept.append(argument)
        skip = argument in ("--api-server-count", "--api_server_count")
    return kept


def over_ray(
    ray: Sequence[str], server: Sequence[str], meeting: Meeting
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Rank 0's command, which starts Ray and then becomes the server, and those of the other nodes."""
    where = ("--address", meeting.address, "--port", str(meeting.port), "--ray", shlex.join(ray))
    join = (sys.executable, "-P", "-m", "snakeval.serving.ray_node", *where)
    nodes = str(len(meeting.others) + 1)
    return (*join, "--nodes", nodes, "--", *server), tuple(join for _ in meeting.others)
