"""What a test cluster is made of, seen to before it is started."""

from __future__ import annotations

import os
import subprocess

import debian
from debian import Unavailable

PACKAGES = (
    "mariadb-server",
    "munge",
    "slurm-client",
    "slurm-wlm-mysql-plugin",
    "slurmctld",
    "slurmd",
    "slurmdbd",
)


def require() -> None:
    """See to it that Slurm's programs are there and that nodes can be made. Raises Unavailable."""
    if os.geteuid() != 0:
        raise Unavailable("a test cluster needs root, for the nodes' host names and mounts")
    debian.require(PACKAGES)
    namespaces = ("unshare", "--uts", "--pid", "--fork", "--mount-proc", "hostname", "node")
    made = subprocess.run(namespaces, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise Unavailable(f"no namespaces for a node here: {made.stderr.strip()}")
