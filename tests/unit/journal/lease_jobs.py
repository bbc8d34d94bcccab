"""Real processes that want a lease, for the tests of leases. Run as a script.

lease_jobs.py FOLDER hold             take the lease, say so, keep it until stdin is closed
lease_jobs.py FOLDER contend ROUNDS   take it so often, each time checking that nobody else has it
"""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from snakeval.journal import holder as lease_holder
from snakeval.journal import lease


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start this script as a process of its own."""
    return subprocess.Popen(
        [sys.executable, __file__, str(folder), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@contextmanager
def holding(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has the lease when the block begins and is dead when it ends."""
    with start(folder, "hold") as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


def hold(folder: Path) -> None:
    """Keep the lease until stdin is closed."""
    with lease.lease(folder, 60):
        print("held", flush=True)
        sys.stdin.read()


def contend(folder: Path, rounds: int) -> None:
    """Fail if two processes ever have the lease at once."""
    inside = folder / "inside"
    for _ in range(rounds):
        with lease.lease(folder, 60):
            inside.open("x").close()
            with (folder / "taken").open("a") as taken:
                taken.write("x")
            inside.unlink()


def main() -> None:
    folder, what, *rest = sys.argv[1:]
    lease_holder.POLL_SECONDS = 0.01
    lease.HEARTBEAT_SECONDS = 0.1
    logging.basicConfig(level=logging.INFO)
    if what == "hold":
        hold(Path(folder))
    else:
        contend(Path(folder), int(rest[0]))


if __name__ == "__main__":
    main()
