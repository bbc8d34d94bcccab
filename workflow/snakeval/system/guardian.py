"""Start a command in a session of its own and leave nothing of it behind.

python -m snakeval.system.guardian [--grace SECONDS] -- COMMAND...

The guardian's stdin is a pipe whose other end only its owner holds. When the owner ends, however it
ends, the kernel closes the pipe, and the guardian stops the command: SIGTERM to its process group,
and after a grace SIGKILL to whatever is left. When the command's leader exits by itself, the rest of
it is killed too. Children that daemonise are re-parented to the guardian, so it finds them as well.

The first line on stdout is JSON with the leader's `pid` (which is its process group and session
too) and `start` time; the command's own output goes to the guardian's stderr. The exit code is the
leader's, 128 + n for signal n, 127 when it can't be started.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress

from snakeval.system import processes

PR_SET_CHILD_SUBREAPER = 36
POLL_SECONDS = 0.1
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def adopt_orphans() -> None:
    """Have orphaned descendants re-parented to this process instead of to init. Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


class Guardian:
    """One command from its start until the last of its processes is gone."""

    def __init__(self, command: Sequence[str], grace: float) -> None:
        self._grace = grace
        self._stopping = False
        for number in STOP_SIGNALS:
            signal.signal(number, self._stop)
        self._leader = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=sys.stderr, start_new_session=True
        )

    def announce(self) -> None:
        """Tell the owner whom to kill should the guardian itself be killed."""
        leader = processes.process(self._leader.pid)
        line = json.dumps({"pid": self._leader.pid, "start": leader.start if leader else 0})
        with suppress(OSError):  # The owner is gone already: `watch` will see it.
            os.write(1, f"{line}\n".encode())

    def watch(self) -> int:
        """Wait for the leader or the owner to end, clean up, and return the leader's exit code."""
        try:
            while not self._leader_ended() and not self._stopping and not self._owner_ended():
                pass
            if not self._leader_ended():
                self._terminate()
        finally:
            processes.kill_all(self._remaining)
        # Killed just now, the leader may have been a zombie when the last look found nobody alive.
        code = self._leader.returncode if self._leader_ended() else -signal.SIGKILL
        return 128 - code if code < 0 else code

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _owner_ended(self) -> bool:
        readable, _, _ = select.select([0], [], [], POLL_SECONDS)
        return bool(readable) and os.read(0, 1024) == b""

    def _terminate(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._leader.pid, signal.SIGTERM)
        deadline = time.monotonic() + self._grace
        while time.monotonic() < deadline and (not self._leader_ended() or self._only_a_wrapper()):
            time.sleep(0.02)

    def _only_a_wrapper(self) -> bool:
        """Whether the leader died of the signal at once, and what it had started is still cleaning up."""
        return self._leader.returncode == -signal.SIGTERM and bool(self._remaining())

    def _remaining(self) -> set[int]:
        self._leader_ended()
        return processes.descendants(os.getpid())

    def _leader_ended(self) -> bool:
        """Reap every child that has ended, adopted ones too."""
        with suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    break
                if pid == self._leader.pid:
                    self._leader.returncode = os.waitstatus_to_exitcode(status)
        return self._leader.returncode is not None


def main() -> int:
    """Run the command line; see the module's text."""
    parser = argparse.ArgumentParser(prog="snakeval.system.guardian")
    parser.add_argument("--grace", type=float, default=5.0, help="seconds between SIGTERM and SIGKILL")
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    adopt_orphans()
    try:
        guardian = Guardian(arguments.command, arguments.grace)
    except OSError as error:
        print(f"can't start {arguments.command[0]}: {error}", file=sys.stderr)
        return 127
    guardian.announce()
    return guardian.watch()


if __name__ == "__main__":
    sys.exit(main())
