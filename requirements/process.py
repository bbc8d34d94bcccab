"""Run a command with its output in a log file; say in one line why it failed."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import time
from pathlib import Path


class SetupError(Exception):
    """A failure whose message is one line that says what to do."""


class CommandFailed(SetupError):
    """A command ended with a status other than 0; `output` is what it printed."""

    def __init__(self, argv: list[str], status: int, output: str) -> None:
        self.output = output
        last = output.strip().splitlines()[-1:] or ["it printed nothing"]
        super().__init__(f"`{' '.join(argv[:4])}` ended with status {status}: {last[0].strip()}")


NO_NETWORK = re.compile(
    r"dns error|name resolution|Name or service not known|Connection refused|Network is unreachable"
    r"|error sending request|tcp connect error|No route to host|ConnectTimeout|NewConnectionError"
    r"|operation timed out|Connection reset|ProxyError|tunnel error|invalid peer certificate",
    re.IGNORECASE,
)
NO_SPACE = re.compile(r"No space left on device|os error 28|Errno 28|Disk quota exceeded", re.IGNORECASE)
NO_ENSUREPIP = re.compile(r"ensurepip is not available|No module named '?(ensurepip|venv)", re.IGNORECASE)
NOT_FOUND = re.compile(
    r"there is no version of ([\w.\-]+==[\w.+\-]+)|No matching distribution found for ([\w.\-=+]+)"
    r"|([\w.\-]+==[\w.+\-]+) has no wheels? with a matching|([\w.\-]+) was not found in the"
)

NETWORK_LINE = (
    "the package index cannot be reached: check the network, or tell pip of your proxy or mirror"
    " (HTTPS_PROXY, PIP_INDEX_URL, PIP_CERT), and run the same command again"
)
SPACE_LINE = "the disk is full: .venv needs 3 GB, and the package cache may need as much again"


def missing_package(output: str) -> str | None:
    """The requirement that uv or pip says no index has, or None if it says something else.

    pip says it of an index that it could not reach, too: that is not counted.
    """
    if NO_NETWORK.search(output):
        return None
    found = NOT_FOUND.search(" ".join(output.split()))
    return None if found is None else next(group for group in found.groups() if group)


def explain(failure: CommandFailed, log: Path) -> str:
    """One line for a failed command, from what it printed."""
    if NO_SPACE.search(failure.output):
        return SPACE_LINE
    if NO_ENSUREPIP.search(failure.output):
        return "this Python cannot make virtual environments: install the Debian package python3-venv"
    if NO_NETWORK.search(failure.output):
        return NETWORK_LINE
    missing = missing_package(failure.output)
    if missing is not None:
        return (
            f"the package index does not have {missing} for this Python and machine:"
            " is pip configured for a mirror (`pip config list`) that lacks it?"
        )
    return f"{failure} (everything it printed is in {log})"


doing = [""]
"""The phase under way, last; its name stands before the seconds."""


def run(argv: list[str], log: Path, env: dict[str, str] | None = None, folder: Path | None = None) -> str:
    """Run `argv`, append its output to `log` and return it; raise CommandFailed on a status other than 0.

    On a terminal the seconds are counted, so that a long download is seen to be alive.
    """
    with log.open("a+b") as file:
        file.write(f"$ {shlex.join(argv)}\n".encode())
        file.flush()
        begin = file.seek(0, 2)
        process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=env, cwd=folder
        )
        try:
            _wait(process)
        except BaseException:
            process.terminate()
            process.wait()
            raise
        file.seek(begin)
        output = file.read().decode(errors="replace")
    if process.returncode != 0:
        raise CommandFailed(argv, process.returncode, output)
    return output


def _wait(process: subprocess.Popen[bytes]) -> None:
    start = time.monotonic()
    while True:
        try:
            process.wait(timeout=1)
            return
        except subprocess.TimeoutExpired:
            if sys.stderr.isatty():
                sys.stderr.write(f"\r  {doing[-1]:<9}{time.monotonic() - start:6.0f} s ...\r")
                sys.stderr.flush()
