"""The files of a test cluster, and the ports of its daemons."""

from __future__ import annotations

import os
import shutil
import socket
from contextlib import ExitStack
from pathlib import Path

HERE = Path(__file__).parent
NODES = {"cpu01": 11, "cpu02": 12, "h100-01": 13, "h100-02": 14, "a100-01": 15}
"""Names of the nodes and the last number of their addresses."""
GPUS = 8


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
    """A different free port a name."""
    with ExitStack() as stack:
        servers = {name: stack.enter_context(socket.create_server(("", 0))) for name in names}
        return {name: int(server.getsockname()[1]) for name, server in servers.items()}
