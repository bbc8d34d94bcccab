"""Keep one engine running: start it, start it again when it has died, say when it answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

from snakeval.serving.allocation import AllocationError
from snakeval.serving.launches import EngineMissing, Launch
from snakeval.serving.server import EngineCancelled, EngineError, EngineServer

# Ranks of several nodes meet at a port that was free when it was chosen; another may have been quicker.
COLLISION = re.compile(r"[Aa]ddress already in use|EADDRINUSE")


class Owner(Protocol):
    """Who wants an engine."""

    def stopping(self) -> bool:
        """Whether it is no longer wanted."""

    def starting(self, number: int) -> None:
        """The engine starts for the so-manieth time."""

    def ready(self, server: EngineServer, url: str) -> None:
        """The engine answers."""

    def pause(self) -> None:
        """Wait a moment."""

    def say(self, message: str) -> None:
        """Put it into the log."""


def run_engine(
    owner: Owner,
    make_launch: Callable[[], Launch],
    make_server: Callable[[Launch], EngineServer],
    start_timeout: float,
    restarts: int,
) -> str | None:
    """Keep an engine running until its owner is stopping (None), or return why there is none.

    It is started again up to `restarts` times once it has been ready, or when a port it needs was taken.
    """
    was_ready, starts = False, 0
    while not owner.stopping():
        starts += 1
        owner.starting(starts)
        try:
            owner.say(f"engine start {starts}")
            with make_server(make_launch()) as server:
                url = server.wait_ready(start_timeout, owner.stopping)
                was_ready = True
                owner.ready(server, url)
                while server.alive() and not owner.stopping():
                    owner.pause()
                error = "" if owner.stopping() else server.died()
        except EngineCancelled:
            return None
        except (AllocationError, EngineError, EngineMissing, OSError, ValueError) as failure:
            error = str(failure)
        # An engine that never came up would not the next time either.
        again = was_ready or COLLISION.search(error) is not None
        if error and (not again or starts > restarts):
            return error
        if error:
            owner.say(error)
    return None
