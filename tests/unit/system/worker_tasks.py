"""What the worker processes of test_workers.py run."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time

WARM: list[int] = []


def warm_up() -> None:
    WARM.append(os.getpid())


def double(number: int) -> int:
    """Twice the number; a negative one sleeps for so many milliseconds first."""
    if number < 0:
        time.sleep(-number / 1000)
    return 2 * number


def process_and_template(_: object) -> tuple[int, list[int]]:
    return os.getpid(), WARM


def stop_for_a_while(seconds: float) -> float:
    """Get no CPU for so long, and then use 0.1 s of it."""
    waker = os.fork()
    if waker == 0:
        time.sleep(seconds)
        os.kill(os.getppid(), signal.SIGCONT)
        os._exit(0)
    if seconds:
        os.kill(os.getpid(), signal.SIGSTOP)
    os.waitpid(waker, 0)
    spent = time.process_time()
    while time.process_time() < spent + 0.1:
        pass
    return seconds


def misbehave(how: str) -> str:
    """Do what `how` says instead of returning, else return it."""
    match how:
        case "spin":
            while True:
                pass
        case "sleep":
            time.sleep(1000)
        case "deaf":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
            time.sleep(1000)
        case "compute in C":
            (7 ** (10**9)).bit_length()
        case "exit":
            os._exit(3)
        case "sys.exit":
            sys.exit(4)
        case "segfault":
            ctypes.string_at(0)
        case "raise":
            raise KeyError("no such thing")
        case "recurse":
            misbehave("recurse")
        case "allocate":
            bytearray(8 * 1024**3)
        case "unpicklable":
            return lambda: how  # type: ignore[return-value]
    return how
