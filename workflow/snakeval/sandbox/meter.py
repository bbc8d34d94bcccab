"""What a job in a sandbox has used, against its limits."""

from __future__ import annotations

from snakeval.sandbox import tree
from snakeval.sandbox.commands import INSIDE
from snakeval.sandbox.types import Limits, Status


class Meter:
    """The most that was seen of a tree of processes: `memory` in bytes, `cpu` in seconds.

    `own_disk`: its last process has an /tmp of its own, which counts as memory.
    """

    def __init__(self, limits: Limits, own_disk: bool) -> None:
        self._limits, self._own_disk = limits, own_disk
        self.memory, self.cpu = 0, 0.0

    def overuse(self, pids: list[int]) -> Status | None:
        """Whether these processes are over the limits of memory, processes or CPU."""
        if len(pids) > self._limits.processes + 4:  # the sandbox' own, and what is being born
            return "process_limit"
        self.cpu = max(self.cpu, tree.cpu(pids))
        if self.cpu > self._limits.cpu:
            return "timed_out"
        held = tree.disk(pids[-1], INSIDE, self._limits.disk) if pids and self._own_disk else 0
        used = held + tree.memory(pids)
        if used > self._limits.memory:
            used = held + tree.exact_memory(pids)
        self.memory = max(self.memory, used)
        return "out_of_memory" if used > self._limits.memory else None
