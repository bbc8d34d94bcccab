"""One node of a Ray cluster.

python -m snakeval.serving.ray_node --address HEAD --port PORT [--nodes N -- SERVER...]

With a SERVER this is the head: it starts Ray as a child, waits until all N nodes have joined, and becomes
the server (exec). Without, it waits for the head and becomes a Ray worker. Whoever owns this process ends Ray
with it. Ray was not at hand when this was written; the tests run it against a stand-in for `ray`.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

WAIT_SECONDS = 600.0
POLL_SECONDS = 0.5
# `ray status` lists one such line a node below "Active:", which ends at the next heading.
ACTIVE = re.compile(r"^Active:\n((?:[ \t]+.*\n)+)", re.MULTILINE)


def program() -> str:
    """Ray's command line, beside this Python or on PATH."""
    beside = Path(sys.executable).with_name("ray")
    found = str(beside) if beside.is_file() else shutil.which("ray")
    if found is None:
        sys.exit(
            f"no 'ray' beside {sys.executable} nor on PATH: install Ray, or leave out "
            "distributed_executor_backend"
        )
    return found


def wait_for_port(address: str, port: int) -> None:
    """Until somebody listens there; ends the program after WAIT_SECONDS."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            socket.create_connection((address, port), timeout=5).close()
            return
        except OSError as error:
            if time.monotonic() > deadline:
                sys.exit(f"no Ray at {address}:{port} within {WAIT_SECONDS:g} s: {error}")
        time.sleep(POLL_SECONDS)


def active_nodes(status: str) -> int:
    """Nodes that the text of `ray status` shows as active."""
    block = ACTIVE.search(status)
    return 0 if block is None else sum("node_" in line for line in block[1].splitlines())


def wait_for_nodes(ray: str, where: str, nodes: int) -> None:
    """Until so many nodes have joined; ends the program after WAIT_SECONDS."""
    deadline = time.monotonic() + WAIT_SECONDS
    command = [ray, "status", "--address", where]
    while True:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        if active_nodes(done.stdout) >= nodes:
            return
        if time.monotonic() > deadline:
            sys.exit(f"{active_nodes(done.stdout)} of {nodes} nodes joined Ray:\n{done.stdout}{done.stderr}")
        time.sleep(POLL_SECONDS)


def main() -> int:
    """Run the command line; see the module's text."""
    parser = argparse.ArgumentParser(prog="snakeval.serving.ray_node")
    parser.add_argument("--address", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--nodes", type=int, default=1)
    parser.add_argument("server", nargs="*")
    arguments = parser.parse_args()
    ray, where = program(), f"{arguments.address}:{arguments.port}"
    own = f"--node-ip-address={os.environ.get('VLLM_HOST_IP', arguments.address)}"
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    if not arguments.server:
        wait_for_port(arguments.address, arguments.port)
        os.execv(ray, [ray, "start", "--block", f"--address={where}", own])
    head = [ray, "start", "--block", "--head", f"--port={arguments.port}", own, "--include-dashboard=false"]
    subprocess.Popen(head)
    wait_for_port(arguments.address, arguments.port)
    wait_for_nodes(ray, where, arguments.nodes)
    os.environ["RAY_ADDRESS"] = where
    os.execv(arguments.server[0], arguments.server)


if __name__ == "__main__":
    sys.exit(main())
