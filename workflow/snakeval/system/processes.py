"""Linux processes as /proc shows them: who is alive, who descends from whom, who listens where.

A process is named by its id and its start time together: ids are used again, start times are not.
"""

from __future__ import annotations

import functools
import os
import re
import signal
import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
STARTED_BY = "SNAKEVAL_STARTED_BY"
DEAD = frozenset({b"Z", b"X"})
LISTEN = "0A"


@dataclass(frozen=True, slots=True)
class Process:
    """One line of /proc: `start` is in clock ticks since the machine booted."""

    pid: int
    state: bytes
    parent: int
    session: int
    start: int


@functools.cache
def machine() -> str:
    """Name this kernel: host name and boot. Only on the same one do a lock or a process tell who is dead."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    host = re.sub(r"[^A-Za-z0-9.]", "_", socket.gethostname())
    return f"{host}_{boot.read_text()[:8]}" if boot.exists() else host


def process(pid: int) -> Process | None:
    """The process with this id, None when there is none."""
    try:
        # The second field is the program's name in parentheses, and may hold anything.
        fields = (PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return None
    return Process(pid, fields[0], int(fields[1]), int(fields[3]), int(fields[19]))


def introduce() -> None:
    """Tell the programs that this process starts which one it is: it may be gone before they can look."""
    os.environ[STARTED_BY] = f"{os.getpid()} {me.start if (me := process(os.getpid())) else 0}"


def introduced() -> tuple[int, int]:
    """Id and start time of the process that introduced itself to this one, else of the parent."""
    if found := os.environ.get(STARTED_BY):
        pid, start = found.split()
        return int(pid), int(start)
    parent = process(os.getppid())
    return os.getppid(), parent.start if parent else 0


def cpu_seconds(pid: int) -> float:
    """CPU seconds that a process has used, all its threads together. Raises OSError when there is none.

    The clock's number is that of clock_getcpuclockid(3) for another process on Linux.
    """
    return time.clock_gettime(~pid << 3 | 2)


def alive(pid: int, start: int) -> bool:
    """Whether this very process still runs; a zombie does not."""
    found = process(pid)
    return found is not None and found.start == start and found.state not in DEAD


def ancestry(pid: int) -> Iterator[Process]:
    """A living process, its parent, and so on."""
    while found := process(pid):
        yield found
        pid = found.parent


def living() -> list[Process]:
    """All processes of the machine that are not zombies."""
    pids = (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())
    return [found for pid in pids if (found := process(pid)) and found.state not in DEAD]


def children(parent: int) -> set[int]:
    """Ids of the living children of a process."""
    return {found.pid for found in living() if found.parent == parent}


def descendants(root: int) -> set[int]:
    """Ids of the living children of `root`, their children, and so on."""
    by_parent: dict[int, list[int]] = {}
    for found in living():
        by_parent.setdefault(found.parent, []).append(found.pid)
    known: set[int] = set()
    pending = [root]
    while pending:
        new = [pid for pid in by_parent.get(pending.pop(), []) if pid not in known]
        known.update(new)
        pending += new
    return known


def command_line(pid: int) -> list[str]:
    """The words that a process was started with; none when it has ended."""
    try:
        return (PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
    except OSError:
        return []


def below_wrappers(leader: int, word: str) -> int:
    """The process that does what `leader` was started for: it, or a program that it has started with `word`.

    A wrapper hands on its own words. A fork has its parent's whole command line, and is no other program.
    """
    found, lines = leader, {pid: command_line(pid) for pid in (leader, *descendants(leader))}
    while below := [
        pid for pid in descendants(found) if word in lines.get(pid, ()) and lines[pid] != lines[found]
    ]:
        parents = {pid: each.parent for pid in below if (each := process(pid))}
        found = next((pid for pid, parent in parents.items() if parent not in parents), below[0])
    return found


def in_session(leader: int, start: int) -> set[int]:
    """Ids of the living processes in the session of a leader, which itself may have ended."""
    if leader <= 1:
        return set()  # Session 0 is everything outside a container, 1 may be the container itself.
    current = process(leader)
    if current is not None and current.start != start:
        return set()  # The id was used again, so nobody of that session is left.
    return {found.pid for found in living() if found.session == leader}


def marked(mark: str) -> set[int]:
    """Ids of this user's living processes that were started with `mark` in their environment."""
    found = set()
    for candidate in living():
        with suppress(OSError):
            if mark.encode() in (PROC / str(candidate.pid) / "environ").read_bytes():
                found.add(candidate.pid)
    return found


def kill_all(find: Callable[[], set[int]], seconds: float = 10.0) -> bool:
    """SIGKILL what `find` finds until it finds nothing more; False if some is left after `seconds`."""
    deadline = time.monotonic() + seconds
    while pids := find():
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def listening(pids: Iterable[int]) -> list[tuple[str, int]]:
    """(address, port) of the TCP sockets that these processes hold open and that accept connections.

    A socket bound to all addresses is shown as one on loopback.
    """
    addresses: list[tuple[str, int]] = []
    for pid in pids:
        inodes = _socket_inodes(pid)
        for table in ("tcp", "tcp6") if inodes else ():
            with suppress(OSError):
                lines = (PROC / str(pid) / "net" / table).read_text().splitlines()[1:]
                addresses += _listening_in(lines, inodes)
    return list(dict.fromkeys(addresses))


def _socket_inodes(pid: int) -> set[str]:
    inodes = set()
    with suppress(OSError):
        for entry in (PROC / str(pid) / "fd").iterdir():
            with suppress(OSError):
                target = str(entry.readlink())
                if target.startswith("socket:["):
                    inodes.add(target[len("socket:[") : -1])
    return inodes


def _listening_in(lines: Iterable[str], inodes: set[str]) -> list[tuple[str, int]]:
    found = []
    for line in lines:
        fields = line.split()
        if fields[3] == LISTEN and fields[9] in inodes:
            address, _, port = fields[1].partition(":")
            found.append((_readable(address), int(port, 16)))
    return found


def _readable(address: str) -> str:
    """An address of /proc/net/tcp or tcp6 (words of 32 bits, each in the machine's byte order)."""
    packed = b"".join(struct.pack("=I", int(address[i : i + 8], 16)) for i in range(0, len(address), 8))
    if not any(packed):
        return "127.0.0.1"
    return socket.inet_ntop(socket.AF_INET if len(packed) == 4 else socket.AF_INET6, packed)
