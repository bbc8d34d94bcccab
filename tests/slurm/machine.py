"""A machine of the test cluster: processes with a host name, mounts and process ids of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from project import PATIENCE

# The first process of a machine: `cat` ends when the test's process does, however, and then the kernel
# kills every process of the machine. What it inherits as its child it need not wait for.
INIT = """\
mount --bind "$1/etc/hosts" /etc/hosts && mount --bind "$1/etc" /etc/slurm && hostname "$2" || exit 1
trap '' CHLD
echo up
exec cat >/dev/null
"""


class MachineError(RuntimeError):
    """A machine or one of its daemons could not be started; the message holds what it said."""


def children(pid: int) -> list[int]:
    """Children of a process that has a single thread."""
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


@dataclass
class Machine:
    """One machine. Its /etc/slurm is the cluster's: Snakemake's jobs drop SLURM_CONF for their steps."""

    name: str
    base: Path
    init: int
    process: subprocess.Popen[str]
    daemons: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start a daemon, known by the name of its program; its output goes to log/NAME.out."""
        name = Path(command[0]).name
        with (self.base / f"log/{name}-{self.name}.out").open("ab") as log:
            self.daemons[name] = subprocess.Popen(
                ("nsenter", f"--target={self.init}", "--pid", "--mount", "--uts", *command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                start_new_session=True,
            )

    def alive(self, name: str) -> bool:
        """Whether a daemon runs."""
        return name in self.daemons and self.daemons[name].poll() is None

    def said(self, name: str) -> str:
        """The end of a daemon's output and log, for an error."""
        logs = [*self.base.glob(f"log/{name}-{self.name}.*"), *self.base.glob(f"log/{name}.*")]
        return "\n".join(path.read_text(errors="replace")[-2000:] for path in logs)

    def kill(self, name: str, number: int = signal.SIGTERM) -> None:
        """Send a signal to a daemon alone, not to what it has started, and wait for its end."""
        daemon = self.daemons.pop(name)
        for pid in children(daemon.pid):
            os.kill(pid, number)
        daemon.wait(PATIENCE)

    def power_off(self) -> None:
        """End every process of the machine at once."""
        with suppress(ProcessLookupError):
            os.kill(self.init, signal.SIGKILL)
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(PATIENCE)
        for daemon in self.daemons.values():
            daemon.wait(PATIENCE)
        self.daemons.clear()


def boot(name: str, base: Path) -> Machine:
    """Start a machine; `base` holds etc/ for its /etc/slurm and etc/hosts. Raises MachineError."""
    unshare = ("unshare", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc")
    process = subprocess.Popen(
        (*unshare, "sh", "-c", INIT, "init", str(base), name),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    with process.stdout as output:
        said = output.readline()
        if said != "up\n":
            raise MachineError(f"{name}: {said}{output.read()}")
    (init,) = children(process.pid)
    return Machine(name, base, init, process)


def wait_until(condition: object, what: str, seconds: float = PATIENCE) -> None:
    """Wait until a callable returns something true. Raises MachineError after so many seconds."""
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise MachineError(f"waited {seconds:g} s in vain: {what}")
        time.sleep(0.05)
