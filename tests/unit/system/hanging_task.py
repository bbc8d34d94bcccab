"""A module that is never warm; for test_workers.py."""

from __future__ import annotations

import time


def warm_up() -> None:
    time.sleep(1000)


def never(_: object) -> None:
    """Not reached."""
