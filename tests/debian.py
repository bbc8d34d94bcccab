"""Debian's packages that tests need, installed when they are missing and may be had."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

# Several test runs may find packages missing at once, and dpkg lets one install at a time.
LOCK = Path("/tmp/snakeval-packages.lock")
SECONDS = 600


class Unavailable(RuntimeError):
    """What a test needs can't be had here; the message says why."""


def missing(packages: Sequence[str]) -> list[str]:
    """Those that are not installed."""
    query = ("dpkg-query", "--show", "--showformat", "${db:Status-Status} ${Package}\n", *packages)
    shown = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    return [name for name in packages if f"installed {name}" not in shown.splitlines()]


def require(packages: Sequence[str]) -> None:
    """See to it that packages are installed; that takes root. Raises Unavailable."""
    if os.geteuid() != 0:
        raise Unavailable(f"only root can install packages ({', '.join(packages)})")
    if shutil.which("dpkg-query") is None or shutil.which("apt-get") is None:
        raise Unavailable(f"this is no Debian, whose packages are wanted ({', '.join(packages)})")
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if absent := missing(packages):
            _install(absent)


def _install(names: Sequence[str]) -> None:
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
