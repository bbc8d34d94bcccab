"""The signals that end a job in an orderly way: Slurm's before a time limit or preemption, and Ctrl-C."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)


class Interrupted(RuntimeError):
    """A signal ended the job; completed samples are in the journal."""


@contextmanager
def interruptible(doing: str) -> Iterator[None]:
    """Raise Interrupted where a stop signal comes during the block. For a block that does not loop on events.

    Only the main thread can take signals; in another the block is left as it is.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _: object) -> None:
        raise Interrupted(f"stopped by {signal.Signals(number).name} {doing}")

    before = {number: signal.signal(number, stop) for number in STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
