"""One node of a Ray cluster.

python -m snakeval.serving.ray_node --address HEAD --port PORT --ray COMMAND [--nodes N -- SERVER...]

With a SERVER this is the head: it starts Ray as a child, waits until all N nodes have joined, and becomes
the server (exec). Without, it waits for the head and becomes a Ray worker. Whoever owns this process ends Ray
with it. Ray was not at hand when this was written; the tests run it against a stand-in for `ray`.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time

WAIT_SECONDS = 600.0
POLL_SECONDS = 0.5
# `ray status` lists one such line a node below "Active:", which ends at the next heading.
ACTIVE = re.compile(r"^Active:\n((?:[ \t]+.*\n)+)", re.MULTILINE)


def ray_command(named: str) -> list[str]:
    """Ray's command line as words; ends the program where there is no such program."""
    ray = shlex.split(named)
    if shutil.which(ray[0]) is None:
        sys.exit(f"no '{ray[0]}': install Ray beside vLLM, or leave out distributed_executor_backend")
    return ray


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


def wait_for_nodes(ray: list[str], where: str, nodes: int) -> None:
    """Until so many nodes have joined; ends the program after WAIT_SECONDS."""
    deadline = time.monotonic() + WAIT_SECONDS
    command = [*ray, "status", "--address", where]
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
    parser.add_argument("--ray", required=True, help="the words of Ray's command line, quoted as for a shell")
    parser.add_argument("--nodes", type=int, default=1)
    parser.add_argument("server", nargs="*")
    arguments = parser.parse_args()
    ray, where = ray_command(arguments.ray), f"{arguments.address}:{arguments.port}"
    own = f"--node-ip-address={os.environ.get('VLLM_HOST_IP', arguments.address)}"
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    if not arguments.server:
        wait_for_port(arguments.address, arguments.port)
        os.execvp(ray[0], [*ray, "start", "--block", f"--address={where}", own])
    head = [*ray, "start", "--block", "--head", f"--port={arguments.port}", own, "--include-dashboard=false"]
    subprocess.Popen(head)
    wait_for_port(arguments.address, arguments.port)
    wait_for_nodes(ray, where, arguments.nodes)
    os.environ["RAY_ADDRESS"] = where
    os.execvp(arguments.server[0], arguments.server)


if __name__ == "__main__":
    sys.exit(main())
