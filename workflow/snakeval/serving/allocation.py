"""The Slurm job that this process runs in: its nodes, and the addresses at which they reach each other.

Snakemake's Slurm plugin hides all of Slurm's variables from a job but its id, so Slurm is asked.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
from dataclasses import dataclass

from snakeval.system import slurm

NODE_LIST = re.compile(r"(?:^|\s)NodeList=(\S+)")


class AllocationError(RuntimeError):
    """There is no allocation with enough nodes; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """Where the ranks of one engine meet.

    `address` is this node's as the others reach it, `port` one that was free on it a moment ago, and
    `others` are the names of the other nodes.
    """

    address: str
    port: int
    others: tuple[str, ...]


def meet(nodes: int) -> Meeting:
    """A meeting of so many nodes of this job on this one of them. Raises AllocationError."""
    hosts = job_nodes()
    here = this_node(hosts)
    others = [host for host in hosts if host != here]
    if len(others) + 1 < nodes:
        raise AllocationError(
            f"{nodes} nodes are needed, this Slurm job has {len(hosts)} ({', '.join(hosts)}): its resources "
            f"must ask for nodes={nodes}"
        )
    address = address_toward(others[0])
    return Meeting(address, free_port(address), tuple(others[: nodes - 1]))


def job_nodes() -> list[str]:
    """Names of the nodes of this Slurm job. Raises AllocationError, also outside a job."""
    job = os.environ.get("SLURM_JOB_ID")
    if not job:
        raise AllocationError(
            "several nodes are needed, and this is no Slurm job (SLURM_JOB_ID is not set): run with "
            "--profile profiles/slurm, or set 'nodes: 1' and smaller sizes in the model's file"
        )
    described = _slurm("scontrol", "--oneliner", "show", "job", job)
    found = NODE_LIST.search(described)
    if found is None or found[1] == "(null)":
        raise AllocationError(f"Slurm names no nodes of job {job}: {described[:300]}")
    return _slurm("scontrol", "show", "hostnames", found[1]).split()


def this_node(hosts: list[str]) -> str:
    """The name that Slurm knows this node by. Raises AllocationError if it is none of the job's."""
    # SLURMD_NODENAME is not hidden, and the only one that holds where a node's name is not its host's.
    names = [os.environ.get("SLURMD_NODENAME", ""), socket.gethostname(), socket.gethostname().split(".")[0]]
    for name in names:
        if name in hosts:
            return name
    raise AllocationError(f"this machine, {names[1]}, is none of the job's nodes: {', '.join(hosts)}")


def address_toward(host: str) -> str:
    """The address of this machine from which `host` is reached. Raises AllocationError.

    A machine's own name may stand for a loopback address in its /etc/hosts; the routing table knows.
    Nothing is sent: a datagram socket only chooses its address when it is connected.
    """
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, 9, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.connect(where)
            return str(probe.getsockname()[0])
    except OSError as error:
        raise AllocationError(f"no way from {socket.gethostname()} to {host}: {error}") from error


def free_port(address: str) -> int:
    """A port that nobody has at this moment; somebody may take it before it is used."""
    with socket.create_server((address, 0), family=_family(address)) as probe:
        return int(probe.getsockname()[1])


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def _slurm(*command: str) -> str:
    if shutil.which(command[0]) is None:
        raise AllocationError(f"{command[0]} is not on PATH, so the job's nodes can't be found")
    try:
        return slurm.ask(*command)
    except slurm.NoSlurmError as error:
        raise AllocationError(str(error)) from error
