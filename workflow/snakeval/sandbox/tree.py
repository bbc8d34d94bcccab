"""What a tree of processes uses, read from /proc, and its end."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

PAGE, TICKS = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_CLK_TCK")
INODE = 1024  # kernel memory of an empty file on a tmpfs, which the tmpfs' size does not count


def children(pid: int) -> list[int]:
    """The children of all threads of a process."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                found += map(int, (thread / "children").read_text().split())
    return found


def descendants(pid: int) -> list[int]:
    """All processes below one. In a pid namespace orphans go to its first process, so none is missed."""
    found = children(pid)
    for child in found:  # grows while it is walked
        found += children(child)
    return found


def memory(pids: list[int]) -> int:
    """Bytes that processes hold of their own or share with each other, programs' files not counted.

    Pages that forks share are counted for each by the first, cheap sum: an upper bound.
    """
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = Path(f"/proc/{pid}/statm").read_text().split()
            total += int(fields[1]) * PAGE
    return total


def exact_memory(pids: list[int]) -> int:
    """As `memory`, but a page that n processes share counts 1/n for each; costs more to find out."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError, ValueError, IndexError):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024
    return total


def cpu(pids: list[int]) -> float:
    """CPU seconds of processes and of those of their children that they have waited for."""
    ticks = 0
    for pid in pids:
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
    return ticks / TICKS


def disk(pid: int, folder: str, size: int) -> int:
    """Bytes that the tmpfs of this size at `folder` holds, as the process sees it; 0 while there is none."""
    try:
        held = os.statvfs(f"/proc/{pid}/root{folder}")
    except OSError:
        return 0
    if held.f_blocks * held.f_frsize - size not in range(PAGE):  # what is there before the sandbox stands
        return 0
    return (held.f_blocks - held.f_bfree) * held.f_frsize + max(held.f_files - held.f_ffree, 0) * INODE


def end(pid: int) -> None:
    """Kill a sandbox by its first process, with which the kernel kills all others of its pid namespace."""
    for child in children(pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def end_group(pid: int) -> None:
    """Kill a process group and whatever else descends from its leader (what there is without a sandbox)."""
    below = descendants(pid)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    for child in below:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(child, signal.SIGKILL)
