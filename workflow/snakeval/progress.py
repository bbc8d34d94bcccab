"""How far a job is: counts, tokens a second and the time left, for its log."""

from __future__ import annotations

import logging
import time

from snakeval.types import Generation

log = logging.getLogger(__name__)
LOG_EVERY_SECONDS = 10.0


class Progress:
    """Counts finished samples; the clock starts with the first one, when the server is there."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self.errors = 0
        self.tokens = 0
        self._started = self._logged = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since the server was there."""
        return time.monotonic() - self._started

    def add(self, row: Generation) -> None:
        """Count one finished sample."""
        self.done += 1
        self.errors += row.error is not None
        self.tokens += row.completion_tokens or 0

    def restart_clock(self) -> None:
        """Leave what went before (loading a model) out of the rates."""
        self._started = time.monotonic()

    def log_when_due(self, in_flight: int) -> None:
        """Write one line to the log, at most every `LOG_EVERY_SECONDS`."""
        now = time.monotonic()
        if now - self._logged >= LOG_EVERY_SECONDS:
            self._logged = now
            log.info("%s, %d in flight", self, in_flight)

    def __str__(self) -> str:
        seconds = max(self.seconds, 1e-9)
        left = (self.total - self.done) * seconds / self.done if self.done else float("nan")
        eta = f", {left:.0f} s left" if self.done and self.done < self.total else ""
        return (
            f"{self.done} of {self.total} samples, {self.errors} errors, "
            f"{self.tokens / seconds:.0f} output tokens/s{eta}"
        )
