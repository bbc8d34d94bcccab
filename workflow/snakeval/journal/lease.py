"""A lease on a journal: of two jobs that make the same output, one asks and the other waits for its rows.

After `kill -9` of Snakemake its Slurm jobs live on, and the next run submits jobs for the same outputs.
Journals make that harmless (writers share no file, of equal rows one counts); the lease makes it cheap.

The lease of a journal is the file `lease-N` with the highest N. It names its holder, who touches it every
`HEARTBEAT_SECONDS`. Who finds its holder finished or gone (see `snakeval.journal.holder`) makes
`lease-(N+1)`, complete and only if it is not there, by link(2), which NFS has too: one contender succeeds.
The highest file is never deleted, so who acts on what it read long ago makes a file that does not count.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from signal import SIGTERM

from snakeval.journal.holder import Holder, LeaseError, Wait
from snakeval.journal.writer import make_directory
from snakeval.system.interrupts import Interrupted, interruptible

__all__ = ["LeaseError", "LeaseLost", "lease", "wait_for_holder"]


class LeaseLost(RuntimeError):
    """Another job has the lease now, and makes the rows; they can be waited for."""


log = logging.getLogger(__name__)
NAME = re.compile(r"lease-(\d+)")
HEARTBEAT_SECONDS = 10.0
KEPT = 16  # superseded leases, for the sake of clients that list a directory from a cache


@contextmanager
def lease(directory: Path, timeout: float) -> Iterator[None]:
    """Hold a journal's lease during the block; wait for another holder at most `timeout` seconds.

    Raises LeaseError, and Interrupted when a signal ends the wait. Should another take the lease over (this
    machine had slept, or Slurm has lost its node), the process sends itself SIGTERM, and where the block ends
    with Interrupted that becomes LeaseLost.
    """
    me = Holder.me()
    with interruptible("while waiting for another job that makes this output"):
        path = _acquire(directory, me, timeout)
    over, lost = threading.Event(), threading.Event()
    heart = threading.Thread(target=_beat, args=(path, over, lost), name="lease", daemon=True)
    heart.start()
    try:
        yield
    except Interrupted as error:
        if lost.is_set():
            raise LeaseLost(f"{path}: another job has taken over") from error
        raise
    finally:
        over.set()
        heart.join()
        _finish(path, me)


def wait_for_holder(directory: Path, timeout: float) -> None:
    """Wait, at most `timeout` seconds, until nobody holds this lease. Raises as `lease` does."""
    wait = Wait(Holder.me(), timeout)
    with interruptible("while waiting for another job that makes these rows"):
        while (number := _highest(directory)) and wait.must_go_on(directory / f"lease-{number}"):
            wait.pause()


def _acquire(directory: Path, me: Holder, timeout: float) -> Path:
    """Wait until the lease is free and make the next one."""
    wait = Wait(me, timeout)
    try:
        make_directory(directory)
        while True:
            number = _highest(directory)
            if number and wait.must_go_on(directory / f"lease-{number}"):
                wait.pause()
                continue
            path = directory / f"lease-{number + 1}"
            # Still the highest? A listing from a cache may have led to a number long passed.
            if _create(path, me) and _highest(directory) == number + 1:
                _remove_old(directory, number + 1 - KEPT)
                return path
    except OSError as error:
        raise LeaseError(f"{directory}: cannot take the lease: {error}") from error


def _beat(path: Path, over: threading.Event, lost: threading.Event) -> None:
    """Touch a lease until `over`; when another has taken it, say so and interrupt this process."""
    while not over.wait(HEARTBEAT_SECONDS):
        with suppress(OSError):
            os.utime(path)
            if _highest(path.parent) > _number(path):
                log.warning("%s: another job took this one for dead and has taken over", path)
                lost.set()
                os.kill(os.getpid(), SIGTERM)
                return


def _finish(path: Path, me: Holder) -> None:
    """Say that a lease's holder is done. If that fails, the end of the process says it later."""
    try:
        with _aside(path, replace(me, finished=True)) as aside:
            aside.replace(path)
    except OSError as error:
        log.warning("%s: can't be marked as finished: %s", path, error)


def _create(path: Path, me: Holder) -> bool:
    """Make a lease, complete, or return False if the name is taken."""
    with _aside(path, me) as aside:
        try:
            os.link(aside, path)
        except FileExistsError:
            return aside.stat().st_nlink == 2  # NFS asked twice, and the first answer was lost
        except OSError as error:
            if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.ENOSYS):
                raise
            return _create_without_links(path, aside.read_bytes())
    return True


def _create_without_links(path: Path, content: bytes) -> bool:
    """As `_create`, where a file has one name only; for a moment the lease is there without content."""
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        return False
    return True


@contextmanager
def _aside(path: Path, holder: Holder) -> Iterator[Path]:
    """Yield a file beside a lease that names the holder; afterwards it is not there."""
    aside = path.with_name(f".{path.name}-{holder.machine}-{holder.pid}")
    try:
        with aside.open("w", encoding="utf-8") as file:
            file.write(json.dumps(asdict(holder)))
            file.flush()
            os.fsync(file.fileno())
        yield aside
    finally:
        aside.unlink(missing_ok=True)


def _highest(directory: Path) -> int:
    """The number of the lease that counts, 0 if there is none."""
    return max(map(_number, directory.iterdir()), default=0)


def _number(path: Path) -> int:
    found = NAME.fullmatch(path.name)
    return int(found[1]) if found else 0


def _remove_old(directory: Path, last: int) -> None:
    for path in directory.iterdir():
        if 0 < _number(path) <= last:
            path.unlink(missing_ok=True)
