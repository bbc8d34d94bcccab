"""The ranks of an engine on the other nodes of a Slurm job, as its owner sees them.

One srun starts `serving.rank` on each node. Every rank holds a connection to this process: it registers when
its part of the engine runs, and either side's end, however it comes about, closes the connection. So the
owner knows at once that a rank is gone, and the ranks that the owner is.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
import selectors
import socket
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from snakeval.serving.rank import ADDRESS_VARIABLE, RANKS_VARIABLE, keep_alive
from snakeval.serving.several_nodes import Others
from snakeval.system.guarded import Guarded

LONGEST_MESSAGE = 4096
KEPT_VARIABLES = ("SLURM_CONF", "SLURM_JOB_ID")
# Every rank gets the whole of its node, beside the step that this process runs in.
SRUN = [
    *("srun", "--overlap", "--ntasks-per-node=1", "--mem=0", "--cpu-bind=none", "--kill-on-bad-exit=1"),
    *("--wait=0", "--input=none", "--unbuffered", "--label", "--export=ALL"),
]


class Ranks:
    """The other ranks from `start` to `stop`; the same arguments as `EngineServer`'s."""

    def __init__(self, others: Others, env: Mapping[str, str], log: Path, grace: float) -> None:
        self._others = others
        self._log = log
        self._grace = grace
        self._word = secrets.token_urlsafe(16)
        self._env = {name: value for name, value in env.items() if name != ADDRESS_VARIABLE}
        self._selector = selectors.DefaultSelector()
        self._unread: dict[socket.socket, bytes] = {}
        self._registered: dict[socket.socket, tuple[int, str]] = {}
        self._lost: list[str] = []
        self._step: Guarded | None = None

    def start(self) -> bool:
        """Have srun start the ranks; they load in the background. False where there is no srun."""
        family = socket.AF_INET6 if ":" in self._others.address else socket.AF_INET
        self._listener = socket.create_server((self._others.address, 0), family=family)
        self._selector.register(self._listener, selectors.EVENT_READ)
        task = {
            "address": self._others.address,
            "port": self._listener.getsockname()[1],
            "word": self._word,
            "commands": self._others.commands,
            "env": self._env,
            "grace": self._grace,
        }
        self._step = Guarded(
            [*self._srun(), sys.executable, "-P", "-m", "snakeval.serving.rank"],
            {**_environment(), RANKS_VARIABLE: json.dumps(task)},
            # srun waits for the ranks, and those for their engines.
            self._grace + 10,
        )
        with self._log.open("ab") as log:
            return self._step.start(log)

    def complete(self) -> bool:
        """Whether every rank has registered and is alive."""
        return self.alive() and len(self._registered) == len(self._others.hosts)

    def alive(self) -> bool:
        """Whether srun runs and no rank has been lost."""
        self._poll()
        return self._step is not None and self._step.alive() and not self._lost

    def report(self) -> str:
        """Which ranks were lost, or are missing; empty if none."""
        self._poll()
        if self._lost:
            return "; ".join(self._lost)
        missing = sorted(
            set(range(1, len(self._others.hosts) + 1)) - {r for r, _ in self._registered.values()}
        )
        hosts = ", ".join(self._others.hosts)
        return f"of the ranks on {hosts}, {', '.join(map(str, missing))} had not started" if missing else ""

    def let_go(self) -> None:
        """Have the ranks stop, without waiting for it."""
        for connection in [*self._unread, *self._registered]:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def stop(self) -> None:
        """End the ranks and wait until they have. Does nothing the second time."""
        if self._step is None:
            return
        self.let_go()
        self._unread.clear()
        self._registered.clear()
        self._listener.close()
        self._selector.close()
        deadline = time.monotonic() + self._grace + 5
        while self._step.alive() and time.monotonic() < deadline:
            time.sleep(0.05)
        self._step.stop()
        self._step = None

    def _srun(self) -> list[str]:
        count = str(len(self._others.hosts))
        where = [f"--nodes={count}", f"--ntasks={count}", f"--nodelist={','.join(self._others.hosts)}"]
        return [*SRUN, f"--jobid={os.environ['SLURM_JOB_ID']}", *where]

    def _poll(self) -> None:
        """Take in what the ranks have said since."""
        if self._step is None:
            return
        for key, _ in self._selector.select(0):
            connection = key.fileobj
            assert isinstance(connection, socket.socket)
            if connection is self._listener:
                accepted, _ = self._listener.accept()
                accepted.setblocking(False)
                keep_alive(accepted)
                self._unread[accepted] = b""
                self._selector.register(accepted, selectors.EVENT_READ)
            else:
                self._read(connection)

    def _read(self, connection: socket.socket) -> None:
        try:
            received = connection.recv(LONGEST_MESSAGE)
        except BlockingIOError:
            return
        except OSError:
            received = b""
        text = self._unread.get(connection, b"") + received
        *lines, rest = text.split(b"\n")
        for line in lines:
            self._take(connection, line)
        self._unread[connection] = rest
        if not received or len(rest) > LONGEST_MESSAGE:
            self._hung_up(connection)

    def _take(self, connection: socket.socket, line: bytes) -> None:
        """A rank's message; whoever does not know the word is not listened to."""
        try:
            said = json.loads(line)
            if not hmac.compare_digest(str(said["word"]), self._word):
                return
            rank, host, state = int(said["rank"]), str(said["host"]), str(said["state"])
        except (ValueError, KeyError, TypeError):
            return
        if state == "started":
            self._registered[connection] = (rank, host)
        else:
            self._registered.pop(connection, None)
            self._lost.append(f"rank {rank} on {host} {state}")

    def _hung_up(self, connection: socket.socket) -> None:
        if connection in self._registered:
            rank, host = self._registered.pop(connection)
            self._lost.append(f"the connection to rank {rank} on {host} broke")
        self._unread.pop(connection, None)
        self._selector.unregister(connection)
        connection.close()


def _environment() -> dict[str, str]:
    """This process's environment without what Slurm set for its own step, which srun takes for options."""
    hidden = ("SLURM_", "SRUN_", "SBATCH_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    return kept | {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
