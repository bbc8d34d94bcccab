"""The files of a test cluster, and the ports of its daemons."""

from __future__ import annotations

import fcntl
import os
import random
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

HERE = Path(__file__).parent
NODES = {"cpu01": 11, "cpu02": 12, "h100-01": 13, "h100-02": 14, "a100-01": 15}
"""Names of the nodes and the last number of their addresses."""
GPUS = 8
PREFIX = "snakeval-slurm-"
PORTS = range(10_240, 32_768)


def write_files(base: Path, net: str) -> dict[str, int]:
    """Write what the daemons of a cluster read below `base`; return the port of each place holder.

    `net` holds the first three numbers of the addresses of its machines.
    """
    for name in ("etc", "run", "log", "state", "dev", "database", *(f"spool/{node}" for node in NODES)):
        (base / name).mkdir(parents=True, exist_ok=True)
    shutil.chown(base / "database", "mysql", "mysql")
    # Slurm takes a GPU's file only for a character device.
    for number in range(GPUS):
        (base / f"dev/nvidia{number}").symlink_to("/dev/null")
    key = base / "etc/munge.key"
    key.touch(0o600)
    key.write_bytes(os.urandom(1024))
    names = ("CONTROLLER", "ACCOUNTING", "DATABASE", *(f"NODE{number}" for number in NODES.values()))
    ports = _free_ports(*(f"{name}_PORT" for name in names))
    for template in (HERE / "templates").iterdir():
        text = template.read_text().replace("@BASE@", str(base)).replace("@NET@", net)
        for name, port in ports.items():
            text = text.replace(f"@{name}@", str(port))
        written = base / "etc" / template.name
        written.touch(0o600 if template.name == "slurmdbd.conf" else 0o644)
        written.write_text(text)
    hosts = {"head": f"{net}.1"} | {node: f"{net}.{last}" for node, last in NODES.items()}
    hosts |= {"localhost": "127.0.0.1", socket.gethostname(): "127.0.0.1"}
    (base / "etc/hosts").write_text("".join(f"{ip} {name}\n" for name, ip in hosts.items()))
    return ports


def _free_ports(*names: str) -> dict[str, int]:
    """A different free port a name, none that the kernel gives to connections before a daemon takes it."""
    found: dict[str, int] = {}
    candidates = random.SystemRandom().sample(PORTS, len(PORTS))
    with ExitStack() as stack:
        for name in names:
            for port in candidates:
                with suppress(OSError):
                    stack.enter_context(socket.create_server(("", port)))
                    found[name] = port
                    candidates = candidates[candidates.index(port) + 1 :]
                    break
    return found


@contextmanager
def alone() -> Iterator[None]:
    """No other test run on this machine makes or removes a cluster's folder meanwhile."""
    with Path(tempfile.gettempdir(), f"{PREFIX}folders.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def remove_abandoned() -> None:
    """Remove what a cluster has left behind whose process was killed."""
    for base in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError), (base / "lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(base, ignore_errors=True)
