"""A command of which nothing is left once its owner is gone: `system.guardian`, from the owner's side."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO

from snakeval.system import processes

# Carried by every process of a command in its environment; it tells nobody anything but whose they are.
MARK_VARIABLE = "SNAKEVAL_ENGINE"


class Guarded:
    """One command under a guardian process, from `start` to `stop`.

    `grace` is the time in seconds between SIGTERM and SIGKILL when it is stopped. `leader` is the id and
    the start time of the command's first process, (0, 0) before it has one.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], grace: float) -> None:
        self.leader = (0, 0)
        self._command = command
        self._environment = environment
        self._grace = grace
        self._mark = f"{MARK_VARIABLE}={secrets.token_hex(16)}"
        self._guardian: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def start(self, output: IO[bytes] | None) -> bool:
        """Start it; what it prints goes to `output`, or to stderr. False where it could not be started."""
        name, _, value = self._mark.partition("=")
        guardian = (sys.executable, "-P", "-m", "snakeval.system.guardian", "--grace", str(self._grace), "--")
        self._guardian = subprocess.Popen(
            [*guardian, *self._command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            env={**self._environment, name: value},
            start_new_session=True,
        )
        assert self._guardian.stdout is not None
        with self._guardian.stdout as announcement:
            line = announcement.readline()
        if not line:
            self.stop()
            return False
        leader = json.loads(line)
        self.leader = leader["pid"], leader["start"]
        return True

    @property
    def guardian(self) -> int:
        """The guardian's process id, 0 before there is one."""
        return 0 if self._guardian is None else self._guardian.pid

    @property
    def code(self) -> int | None:
        """The exit code (127: not found; negative: of a guardian that was killed), None before the end."""
        return None if self._guardian is None else self._guardian.poll()

    def alive(self) -> bool:
        """Whether both the command's leader and its guardian run."""
        running = self._guardian is not None and self._guardian.poll() is None
        return running and processes.alive(*self.leader)

    def let_go(self) -> None:
        """Have the command stopped, without waiting for its end."""
        if self._guardian is not None and self._guardian.stdin is not None:
            with suppress(OSError):
                self._guardian.stdin.close()

    def stop(self) -> None:
        """End all of the command's processes, whatever state they are in. Does nothing the second time."""
        if self._guardian is None or self._stopped:
            return
        self._stopped = True
        self.let_go()
        try:
            self._guardian.wait(self._grace + 15)
        except subprocess.TimeoutExpired:
            self._guardian.kill()
            self._guardian.wait()
        # Finds nothing unless the guardian was killed or stuck.
        processes.kill_all(self._processes)

    def _processes(self) -> set[int]:
        return processes.in_session(*self.leader) | processes.marked(self._mark)
