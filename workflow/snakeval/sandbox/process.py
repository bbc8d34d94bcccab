"""One sandbox that runs: started, watched, ended with all that is in it."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from snakeval.sandbox import seccomp, tree
from snakeval.sandbox.commands import INSIDE, apptainer, bubblewrap, environment
from snakeval.sandbox.meter import Meter
from snakeval.sandbox.types import Isolation, Limits, Status

TICK = 0.02  # seconds between two looks at a tree: what a memory bomb gains on its limit
MOST_SECONDS_TO_DIE = 10


class Sandboxed:
    """A command in a sandbox; a context manager, after which no process of it is left.

    `stdin`, `stdout`, `stderr` are open descriptors of the caller's, or subprocess.DEVNULL. `command` sets
    its own limits (see `commands.limited`); what they can't bound, `overuse` sees. With `forks` it is our own
    (`zygote`) and may make more sandboxes in its own.
    """

    def __init__(
        self,
        command: Sequence[str],
        isolation: Isolation,
        limits: Limits,
        *,
        files: Mapping[str, bytes] | None = None,
        stdin: int = subprocess.DEVNULL,
        stdout: int = subprocess.DEVNULL,
        stderr: int = subprocess.DEVNULL,
        forks: bool = False,
    ) -> None:
        self.isolation, self.limits = isolation, limits
        self.started = time.monotonic()
        self.meter = Meter(limits, own_disk=isolation.kind == "bubblewrap")
        self._forks = forks
        self.code: int | None = None
        self._folder: str | None = None
        self._alive: int | None = None
        descriptors = contextlib.ExitStack()
        with descriptors:
            argv, passed, home = self._argv(command, files or {}, descriptors)
            self._process = subprocess.Popen(
                argv,
                env=environment(isolation, home),
                cwd=home if isolation.kind == "none" else "/",
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                pass_fds=passed,
                start_new_session=True,
            )
        self.pid = self._process.pid

    def _argv(
        self, command: Sequence[str], files: Mapping[str, bytes], descriptors: contextlib.ExitStack
    ) -> tuple[list[str], list[int], str]:
        """The command line, the descriptors it needs, and the job's home."""
        for name in files:
            if not name or "/" in name or name in (".", ".."):
                raise ValueError(f"a job's file needs a plain name, not {name!r}")
        if self.isolation.kind == "bubblewrap":
            opened = {name: _opened(data, descriptors) for name, data in files.items()}
            rules = None if self._forks else seccomp.program()
            rules_fd = None if rules is None else _opened(rules, descriptors)
            self._alive, held = os.pipe()
            descriptors.callback(os.close, held)
            argv = bubblewrap(self.isolation, self.limits, opened, rules_fd, held, self._forks)
            passed = [*opened.values(), held, *([] if rules_fd is None else [rules_fd])]
            return [*argv, *command], passed, INSIDE
        self._folder = tempfile.mkdtemp(prefix="snakeval-")
        for name, data in files.items():
            path = Path(self._folder, name)
            path.write_bytes(data)
            path.chmod(0o755)
        if self.isolation.kind == "apptainer":
            return [*apptainer(self.isolation, self._folder), *command], [], INSIDE
        return list(command), [], self._folder

    def overuse(self) -> Status | None:
        """Whether the tree is over its limits of memory, processes or CPU; to be asked every TICK seconds."""
        below = tree.descendants(self.pid)
        return self.meter.overuse([self.pid, *below] if self.isolation.kind == "none" else below)

    def kill(self) -> None:
        """Kill every process of it."""
        if self.code is None:
            if self.isolation.kind == "bubblewrap":
                tree.end(self.pid)
            else:
                tree.end_group(self.pid)

    def wait(self) -> int:
        """Wait for the end; the exit code, a signal's number negative."""
        if self.code is None:
            self.code = self._process.wait()
        return self.code

    def __enter__(self) -> Sandboxed:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Kill what is left of it and wait until all is gone."""
        while self.code is None:
            self.kill()  # again where bwrap had not yet forked
            try:
                self.code = self._process.wait(0.05)
            except subprocess.TimeoutExpired:
                if tree.children(self.pid):
                    continue
                self._process.kill()  # it had no child yet
        if self._alive is not None:  # bwrap may end a moment before the rest of its sandbox has
            select.select([self._alive], [], [], MOST_SECONDS_TO_DIE)
            os.close(self._alive)
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)  # it never follows a link


def _opened(data: bytes, descriptors: contextlib.ExitStack) -> int:
    """A descriptor from which the data can be read."""
    descriptor = os.memfd_create("job")
    descriptors.callback(os.close, descriptor)
    with open(descriptor, "wb", closefd=False) as file:
        file.write(data)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
