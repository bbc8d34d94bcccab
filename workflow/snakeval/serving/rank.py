"""One rank of an engine on another node: python -m snakeval.serving.rank, which srun starts for `ranks`.

It owns the engine's processes on its node through a guardian, and holds a connection to the engine's owner:
when that closes, because the owner has ended in whatever way or its node is gone, the engine is stopped; when
the engine ends, the connection is closed. RANKS_VARIABLE says what to run and whom to connect to.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
from typing import Any

from snakeval.system import processes
from snakeval.system.guarded import Guarded

# JSON: where the owner listens, a word that proves who calls, and each rank's command, from rank 1 on.
RANKS_VARIABLE = "SNAKEVAL_RANKS"
ADDRESS_VARIABLE = "VLLM_HOST_IP"
CONNECT_SECONDS = 60.0
POLL_SECONDS = 0.5
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def keep_alive(connection: socket.socket) -> None:
    """Have the kernel notice within half a minute that the other machine is gone."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 10)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 5)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 4)


class Rank:
    """The engine's part on this node, from its start until it or the connection ends."""

    def __init__(self, task: dict[str, Any], rank: int) -> None:
        self._signalled = False
        for number in STOP_SIGNALS:
            signal.signal(number, self._on_signal)
        self._rank = rank
        self._word = task["word"]
        self._owner = socket.create_connection((task["address"], task["port"]), timeout=CONNECT_SECONDS)
        keep_alive(self._owner)
        # Each node's own address, as the head reaches it.
        environment = {**os.environ, **task["env"], ADDRESS_VARIABLE: str(self._owner.getsockname()[0])}
        environment.pop(RANKS_VARIABLE, None)
        self._engine = Guarded(task["commands"][rank - 1], environment, task["grace"])

    def run(self) -> int:
        """Run until the engine ends (its exit code, at least 1) or is no longer wanted (0)."""
        with self._owner:
            try:
                if self._engine.start(None):
                    self._report("started")
                    while self._engine.alive() and not self._signalled and not self._unwanted():
                        pass
                ended = not self._signalled and not self._unwanted()
            finally:
                self._engine.stop()
            code = self._engine.code
            if ended:
                self._report(f"ended with exit code {code}")
            return (code or 1) if ended else 0

    def _report(self, state: str) -> None:
        message = {"word": self._word, "rank": self._rank, "host": socket.gethostname(), "state": state}
        try:
            self._owner.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            self._signalled = True  # the owner is gone

    def _unwanted(self) -> bool:
        readable, _, _ = select.select([self._owner], [], [], POLL_SECONDS)
        try:
            return bool(readable) and self._owner.recv(1024) == b""
        except OSError:
            return True

    def _on_signal(self, *_: object) -> None:
        self._signalled = True


def main() -> int:
    """Run the rank that srun's environment names."""
    task = json.loads(os.environ[RANKS_VARIABLE])
    # srun counts its tasks from 0; rank 0 runs beside the owner.
    rank = int(os.environ["SLURM_PROCID"]) + 1
    here = processes.process(os.getpid())
    print(f"rank {rank} on {socket.gethostname()}, process {here.pid if here else '?'}", flush=True)
    try:
        return Rank(task, rank).run()
    except OSError as error:
        print(f"rank {rank} on {socket.gethostname()}: {error}", file=sys.stderr, flush=True)
        return 1


if __name__ == "__main__":
    sys.exit(main())
