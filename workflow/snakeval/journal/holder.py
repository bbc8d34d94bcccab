"""Who has a lease, and whether they live.

On the machine of the holder its process tells, by id and start time. On another machine Slurm does: a
job in one of the states `HOLDING` lives; one that waits to be started again does not, nor does an
earlier start of the waiting job itself. Where Slurm can't tell, or where it does not hold the process still,
the holder is gone once it has not touched its lease for `SILENT_SECONDS` while somebody looked, by the
clock of the one who looks.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from snakeval.system import processes

log = logging.getLogger(__name__)
POLL_SECONDS = 1.0
SILENT_SECONDS = 120.0
LOG_EVERY_SECONDS = 60.0
# Many jobs may wait at once, and squeue asks a controller that serves the whole cluster.
SQUEUE_EVERY_SECONDS = 30.0
HOLDING = frozenset({"RUNNING", "SUSPENDED", "COMPLETING", "STOPPED", "SIGNALING", "STAGE_OUT", "RESIZING"})
STILL = frozenset({"SUSPENDED", "STOPPED"})


class LeaseError(RuntimeError):
    """The lease can't be had: its holder outlasted the wait, or the file system refuses; says which."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a lease. `machine` is this start of a host, `start` is in clock ticks since then."""

    host: str
    machine: str
    pid_namespace: str
    pid: int
    start: int
    job: str | None
    since: str
    finished: bool = False

    @classmethod
    def me(cls) -> Holder:
        """This process, in its Slurm job if it is in one."""
        mine = processes.process(os.getpid())
        assert mine is not None
        return cls(
            host=socket.gethostname(),
            machine=processes.machine(),
            pid_namespace=str(Path("/proc/self/ns/pid").readlink()),
            pid=mine.pid,
            start=mine.start,
            job=os.environ.get("SLURM_JOB_ID"),
            since=time.strftime("%Y-%m-%d %H:%M:%S"),
        )

    def __str__(self) -> str:
        job = f"Slurm job {self.job}, " if self.job else ""
        return f"{job}process {self.pid} on {self.host}, since {self.since}"


class Wait:
    """One contender's view of the holders that it waits for, at most `timeout` seconds in all."""

    def __init__(self, me: Holder, timeout: float) -> None:
        self._me, self._timeout = me, timeout
        self._holder: Holder | None = None
        self._started = self._looked = time.monotonic()
        self._logged = self._asked = float("-inf")
        self._seen: tuple[Path, int] | None = None
        self._silent = 0.0
        self._state: str | None = None

    def must_go_on(self, path: Path) -> bool:
        """Whether the holder of a lease lives. Raises LeaseError after too long a wait."""
        if path.is_symlink() or (path.exists() and not path.is_file()):  # to open a pipe would block
            log.warning("%s: passed over, as it is no file", path)
            return False
        try:
            holder = self._look(path)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ESTALE):
                return True  # superseded just now: look again
            raise
        if holder and holder.finished:
            if self._holder:
                log.info("the other job has finished")
            return False
        if holder != self._holder:
            self._holder, self._asked, self._logged = holder, float("-inf"), float("-inf")
        if not self._lives(holder):
            log.info("%s: taking over from %s, which is gone", path, holder or "a writer that died at it")
            return False
        self._check_time(path)
        return True

    def pause(self) -> None:
        """Sleep until the next look."""
        time.sleep(POLL_SECONDS)

    def _look(self, path: Path) -> Holder | None:
        """Read a lease, and count for how long it has not been touched while somebody looked."""
        now, before = time.monotonic(), self._looked
        self._looked = now
        with path.open("rb") as file:  # opening it makes an NFS client ask the server
            content, seen = file.read(), (path, os.fstat(file.fileno()).st_mtime_ns)
        self._silent = self._silent + min(now - before, 2 * POLL_SECONDS) if seen == self._seen else 0.0
        self._seen = seen
        return _parse(content)

    def _lives(self, holder: Holder | None) -> bool:
        heard = self._silent < SILENT_SECONDS
        if holder is None:
            return heard  # it is being written, or its writer died at it
        if (holder.machine, holder.pid_namespace) == (self._me.machine, self._me.pid_namespace):
            return processes.alive(holder.pid, holder.start)
        if holder.job is None:
            return heard
        if holder.job == self._me.job:
            return False
        now = time.monotonic()
        if now - self._asked >= SQUEUE_EVERY_SECONDS:
            self._asked, self._state = now, job_state(holder.job)
        return heard if self._state is None else self._state in STILL or (self._state in HOLDING and heard)

    def _check_time(self, path: Path) -> None:
        now = time.monotonic()
        waited = now - self._started
        if waited > self._timeout:
            raise LeaseError(
                f"{path}: held by {self._holder} for longer than this job may wait ({self._timeout:g} s, "
                "lease_timeout). Run again when it has ended, or end it: what it has done is kept."
            )
        if now - self._logged >= LOG_EVERY_SECONDS:
            self._logged = now
            log.info("another job makes this output; waiting for it, %.0f s so far: %s", waited, self._holder)


def job_state(job: str) -> str | None:
    """A job's state as squeue names it, "" if Slurm knows none by this id, None if it does not answer."""
    command = ["squeue", "--noheader", "--jobs", job, "--format", "%T"]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if asked.returncode == 0:
        return asked.stdout.strip()
    return "" if "Invalid job id" in asked.stderr else None


def _parse(content: bytes) -> Holder | None:
    """Who holds, or held, a lease; None if it is incomplete."""
    with suppress(ValueError, TypeError):
        return Holder(**json.loads(content))
    return None
