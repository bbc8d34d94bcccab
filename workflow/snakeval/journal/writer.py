"""The row journal: every completed request is on disk moments after it completes, whatever dies next.

A journal is a directory of JSONL files, one per running job, so that two writers never share a file,
be they on one node or on several over NFS. `snakeval.journal.lines` has the form of a line,
`snakeval.journal.index` reads, `snakeval.journal.compact` merges the files of jobs that have ended.
A reader skips what is not a whole row and never repairs a file, whose writer may still be running.
"""

from __future__ import annotations

import atexit
import errno
import fcntl
import itertools
import logging
import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import TYPE_CHECKING, Any

from snakeval.journal.index import JournalIndex, scan
from snakeval.journal.lines import MAX_LINE, SUFFIX, JournalError, encode_line
from snakeval.system.processes import machine

if TYPE_CHECKING:
    from snakeval.types import Json

__all__ = ["JournalError", "JournalIndex", "JournalWriter", "scan"]

NO_LOCK = "nolock"

QUEUE_ROWS = 4096
HEARTBEAT_SECONDS = 600.0
GATHER_SECONDS = 0.005

_log = logging.getLogger(__name__)
_serial = itertools.count()


def sync_directory(directory: Path) -> None:
    """Make created, renamed and deleted names in a directory durable."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # some network file systems have no such thing
            raise
    finally:
        os.close(descriptor)


def make_directory(directory: Path) -> None:
    """Make a directory and those above it, each with its name on disk."""
    created = [path for path in (directory, *directory.parents) if not path.exists()]
    directory.mkdir(parents=True, exist_ok=True)
    for parent in {path.parent for path in created}:
        sync_directory(parent)


def _create(directory: Path) -> tuple[Path, int]:
    """Create this writer's own file, locked, its name on disk; names sort by the time of their start."""
    make_directory(directory)
    start = f"{time.time_ns():019d}"
    rest = f"{os.getpid()}-{next(_serial)}{SUFFIX}"
    path = directory / f"{start}-{machine()}-{rest}"
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError as error:
        # Compaction must not take the lock's absence for the writer's death, so the name says it.
        _log.info("%s: no lock (%s); compaction will go by the file's age", path, error)
        path = path.rename(directory / f"{start}-{NO_LOCK}-{rest}")
    sync_directory(directory)
    return path, descriptor


class JournalWriter:
    """Appends rows to a file of its own in `directory`; use it as a context manager.

    `append` never waits for the disk, so it may be called on an event loop: a thread writes what is
    queued at once and calls fsync after `sync_rows` rows or `sync_seconds` seconds, whichever is first.
    So the death of the process costs the rows of some milliseconds, that of the node those not yet synced.
    Only with QUEUE_ROWS rows waiting for a stalled disk does `append` wait, which bounds the memory.

    No lock is taken in `append`, `flush` and `close` (SimpleQueue.put is reentrant), so they may be called,
    or be interrupted by an exception, in a signal handler. The file's lock lives as long as the process.
    """

    def __init__(self, directory: Path, sync_rows: int = 128, sync_seconds: float = 1.0) -> None:
        self._sync_rows, self._sync_seconds = sync_rows, sync_seconds
        self._queue: SimpleQueue[bytes | SimpleQueue[None] | None] = SimpleQueue()
        self._cause: Exception | None = None
        self._closed = False
        self._unsynced, self._deadline = 0, 0.0
        self.appended = 0
        self.synced = 0
        """Rows known to be on disk: the first `synced` of the `appended`."""
        try:
            self.path, self._descriptor = _create(directory)
        except OSError as error:
            raise JournalError(f"{directory}: cannot create a journal: {error}") from error
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def append(self, row: Json, digest: str, ok: bool) -> None:
        """Queue one row (anything JSON holds); raise JournalError if an earlier one could not be written."""
        self._check()
        line = encode_line(row, digest, ok)
        if len(line) > MAX_LINE:
            raise JournalError(
                f"{self.path}: row {digest} has {len(line)} bytes, at most {MAX_LINE} can be kept"
            )
        if self._queue.qsize() >= QUEUE_ROWS:
            self.flush()
        self._queue.put(line)
        self.appended += 1

    def flush(self) -> None:
        """Wait until every row appended so far is on disk, or raise JournalError.

        On an event loop: `await asyncio.to_thread(writer.flush)`.
        """
        self._check()
        # No Event: it has a lock, and a handler that flushes while it is held would wait for ever.
        reached: SimpleQueue[None] = SimpleQueue()
        self._queue.put(reached)
        while self._thread.is_alive():  # not alive: closed by another thread
            with suppress(Empty):
                reached.get(timeout=1.0)
                break
        self._check()

    def close(self) -> None:
        """Flush and release the file; a file without rows is removed. Closing twice is harmless."""
        self._closed = True
        self._queue.put(None)
        self._thread.join()
        if self._descriptor < 0:
            return
        descriptor, self._descriptor = self._descriptor, -1
        atexit.unregister(self.close)
        with suppress(OSError):
            if os.fstat(descriptor).st_size == 0:
                self.path.unlink()
        os.close(descriptor)
        self._raise_failure()

    def __enter__(self) -> JournalWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.close()
        except JournalError:
            if not isinstance(error, JournalError):  # the caller has seen the same failure
                raise

    def _check(self) -> None:
        self._raise_failure()
        if self._closed:
            raise JournalError(f"{self.path}: the journal is closed")

    def _raise_failure(self) -> None:
        if self._cause is not None:
            raise JournalError(
                f"{self.path}: {self._cause}; the first {self.synced} of {self.appended} rows are safe on "
                "disk. Correct the cause (space, quota, connection) and run again; what is safe stays."
            ) from self._cause

    def _run(self) -> None:
        stop = False
        while not stop:
            lines, waiting, stop = self._take()
            try:
                if self._cause is None:
                    self._write(lines)
                    full = self._unsynced >= self._sync_rows or time.monotonic() >= self._deadline
                    if full or waiting or stop:
                        self._sync()
            except Exception as error:  # whatever it is, a dead thread would leave append() filling memory
                self._cause = error
                with suppress(OSError):  # for the whole lines before the failure; not counted as synced
                    os.fsync(self._descriptor)
            for reached in waiting:
                reached.put(None)

    def _take(self) -> tuple[list[bytes], list[SimpleQueue[None]], bool]:
        """Return the lines queued, who is to be told once they are on disk, and whether to stop."""
        wait = max(0.0, self._deadline - time.monotonic()) if self._unsynced else HEARTBEAT_SECONDS
        items: list[Any] = []
        try:
            items.append(self._queue.get(timeout=wait))
            if isinstance(items[0], bytes):  # rows come in bunches: one write for them all
                time.sleep(GATHER_SECONDS)
            items += [self._queue.get_nowait() for _ in range(self._queue.qsize())]
        except Empty:
            if not items and not self._unsynced:
                with suppress(OSError):  # tells compaction on other machines that this writer lives
                    os.utime(self._descriptor)
        lines = [item for item in items if isinstance(item, bytes)]
        return lines, [item for item in items if isinstance(item, SimpleQueue)], None in items

    def _write(self, lines: list[bytes]) -> None:
        if lines and not self._unsynced:
            self._deadline = time.monotonic() + self._sync_seconds
        left = memoryview(b"".join(lines))
        while left:
            left = left[os.write(self._descriptor, left) :]
        self._unsynced += len(lines)

    def _sync(self) -> None:
        if self._unsynced:
            os.fsync(self._descriptor)
            if os.fstat(self._descriptor).st_nlink == 0:
                raise FileNotFoundError(errno.ENOENT, "the file was deleted while it was written")
            self.synced, self._unsynced = self.synced + self._unsynced, 0
