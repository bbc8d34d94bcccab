"""What goes into the sandbox and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

MIB = 1 << 20
Status = Literal["exited", "signalled", "timed_out", "out_of_memory", "output_limit", "process_limit"]
Kind = Literal["bubblewrap", "apptainer", "none"]


class SandboxError(RuntimeError):
    """No sandbox can be had here, or it did not start; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one job may use. `memory`, `processes`, `cpu` and `wall` hold for its whole tree of processes.

    Times are seconds, sizes bytes. `file` holds for each file; `disk` is the size of
    the private /tmp, which counts towards `memory` as well; `output` bounds stdout and stderr, each.
    """

    wall: float = 10.0
    cpu: float = 10.0
    memory: int = 512 * MIB
    processes: int = 32
    file: int = 16 * MIB
    disk: int = 64 * MIB
    output: int = 1 * MIB
    open_files: int = 64


@dataclass(frozen=True, slots=True)
class Job:
    """A command with its standard input; `files` are put into the directory it starts in, its only one."""

    command: tuple[str, ...]
    files: Mapping[str, bytes] = field(default_factory=dict)
    stdin: bytes = b""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a job ended. `code` is the exit code, or the signal for `signalled`; None where it was killed.

    `cpu` (seconds of all its processes) and `memory` (bytes, the largest sum) are what was seen of it every
    20 ms: 0 for a job shorter than that.
    """

    status: Status
    code: int | None
    stdout: bytes
    stderr: bytes
    seconds: float
    cpu: float
    memory: int


@dataclass(frozen=True, slots=True)
class Isolation:
    """How jobs are kept apart. `switch_uid`: they run as a user of their own, which takes root.

    `packages` is a folder of Python packages that programs may import. `image` is apptainer's container;
    `reason` says why there is no sandbox where `kind` is none. Sandboxes
    that one process has open at the same time must differ in `lane`, or they share that user.
    """

    kind: Kind
    switch_uid: bool = False
    image: str | None = None
    reason: str | None = None
    lane: int = 0
    packages: str | None = None

    @property
    def label(self) -> str:
        """The name that a score bears: a sandbox's, or that there was none."""
        return "none (unsafe)" if self.kind == "none" else self.kind
