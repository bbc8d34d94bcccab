"""Debian's packages of Slurm, installed when they are missing and may be had."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

PACKAGES = (
    "mariadb-server",
    "munge",
    "slurm-client",
    "slurm-wlm-mysql-plugin",
    "slurmctld",
    "slurmd",
    "slurmdbd",
)
# Several test runs may find them missing at once.
LOCK = Path("/tmp/snakeval-slurm-packages.lock")
SECONDS = 600


class Unavailable(RuntimeError):
    """There can be no Slurm here; the message says why."""


def missing() -> list[str]:
    """Packages that are not installed."""
    query = ("dpkg-query", "--show", "--showformat", "${db:Status-Status} ${Package}\n", *PACKAGES)
    shown = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    return [name for name in PACKAGES if f"installed {name}" not in shown.splitlines()]


def require() -> None:
    """See to it that Slurm's programs are there and that nodes can be made. Raises Unavailable."""
    if os.geteuid() != 0:
        raise Unavailable("a test cluster needs root, for the nodes' host names and mounts")
    if shutil.which("dpkg-query") is None or shutil.which("apt-get") is None:
        raise Unavailable("a test cluster is made of Debian's packages, and this is no Debian")
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if absent := missing():
            _install(absent)
    namespaces = ("unshare", "--uts", "--pid", "--fork", "--mount-proc", "hostname", "node")
    made = subprocess.run(namespaces, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise Unavailable(f"no namespaces for a node here: {made.stderr.strip()}")


def _install(names: list[str]) -> None:
    # With this run level the packages' scripts start no daemons.
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    install = ("apt-get", "install", "--yes", "--no-install-recommends", *names)
    for command in (("apt-get", "update"), install):
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        if done.returncode != 0:
            lines = (done.stderr or done.stdout).strip().splitlines()
            end = lines[-1] if lines else f"exit code {done.returncode}"
            raise Unavailable(f"{' '.join(command[:2])} could not get {', '.join(names)}: {end}")
