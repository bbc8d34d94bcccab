"""Candidates forked from a warm interpreter, where the sandbox allows it; its other side is `zygote`."""

from __future__ import annotations

import contextlib
import marshal
import os
import re
import select
import signal
import socket
from functools import lru_cache
from pathlib import Path
from typing import Self

from snakeval.sandbox import bytecode, seccomp, tree
from snakeval.sandbox.commands import rlimits, uid_of
from snakeval.sandbox.meter import Meter
from snakeval.sandbox.process import MOST_SECONDS_TO_DIE, Sandboxed
from snakeval.sandbox.remote import Remote
from snakeval.sandbox.types import MIB, Isolation, Limits, SandboxError, Status

OWN = Limits(wall=0, memory=1024 * MIB, disk=1 * MIB)
START_SECONDS = 60.0


class Fork:
    """One candidate: the pidfd of its namespace's first process."""

    def __init__(self, pidfd: int, limits: Limits) -> None:
        self._pidfd = pidfd
        self.meter = Meter(limits, own_disk=True)
        found = re.search(r"^Pid:\s*(-?\d+)$", Path(f"/proc/self/fdinfo/{pidfd}").read_text(), re.MULTILINE)
        self._pid = int(found[1]) if found else -1  # -1: it has ended

    def overuse(self) -> Status | None:
        """Whether it is over its limits of memory, processes or CPU; to be asked again and again."""
        if self._pid < 0 or self._ended(0):  # its number may be another's by now
            return None
        return self.meter.overuse([self._pid, *tree.descendants(self._pid)])

    def kill(self) -> None:
        """Kill every process of it."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def close(self) -> None:
        """Kill what is left of it and wait until all is gone."""
        self.kill()
        self._ended(MOST_SECONDS_TO_DIE)
        os.close(self._pidfd)

    def _ended(self, seconds: float) -> bool:
        """Whether all of it is gone: the first process of a namespace is the last to end."""
        return bool(select.select([self._pidfd], [], [], seconds)[0])


class Forks:
    """A worker's zygote."""

    def __init__(self, isolation: Isolation) -> None:
        self._isolation = isolation
        self._control, theirs = socket.socketpair()
        self._control.settimeout(START_SECONDS)
        with theirs:
            self._box = Sandboxed(bytecode.command(), isolation, OWN, stdin=theirs.fileno(), forks=True)
        with contextlib.suppress(OSError):  # `fork` says so
            self._control.sendall(bytecode.message(("candidate", "zygote")))

    @classmethod
    def where_possible(cls, isolation: Isolation) -> Self | None:
        """A zygote, None where none works: it takes bubblewrap, and a kernel that lets what runs in a
        sandbox make more namespaces (AppArmor's profile for bwrap, for one, does not)."""
        if isolation.kind != "bubblewrap":
            return None
        made = cls(isolation)
        with contextlib.suppress(SandboxError):
            fork, channel = made.fork(Limits())
            with channel:
                ready = Remote(channel).ready(START_SECONDS)
            fork.close()
            if ready:
                return made
        made.close()
        return None

    def fork(self, limits: Limits) -> tuple[Fork, socket.socket]:
        """A new candidate and its socket. Raises SandboxError where the zygote is gone."""
        order = _order(uid_of(self._isolation), limits)
        ours, theirs = socket.socketpair()
        with contextlib.ExitStack() as stack, theirs:
            stack.enter_context(ours)
            try:
                socket.send_fds(self._control, [len(order).to_bytes(4, "big")], [theirs.fileno()])
                self._control.sendall(order)
                _, descriptors, _, _ = socket.recv_fds(self._control, 1, 1)
            except OSError as error:
                raise SandboxError(f"the process that forks candidates is gone: {error}") from error
            if not descriptors:
                raise SandboxError("the process that forks candidates has ended")
            stack.pop_all()
        return Fork(descriptors[0], limits), ours

    def close(self) -> None:
        """End it, and with it every candidate that is left."""
        self._control.close()
        self._box.close()


@lru_cache(maxsize=8)
def _order(uid: int | None, limits: Limits) -> bytes:
    return marshal.dumps((uid, limits.disk, seccomp.program(), rlimits(limits)))
