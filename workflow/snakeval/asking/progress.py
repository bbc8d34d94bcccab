"""How far a job is: counts, tokens a second and the time left, for its log."""

from __future__ import annotations

import logging
import time
from collections import Counter

from snakeval.answers.finish import ending
from snakeval.types import Generation

log = logging.getLogger(__name__)
LOG_EVERY_SECONDS = 10.0
LONGEST_CAUSE, MOST_CAUSES = 300, 100


class Progress:
    """Counts what is finished; the clock starts when the server is there.

    `what` is counted, of a `total` unless that is not known.
    """

    def __init__(self, total: int | None, what: str) -> None:
        self.total, self.what = total, what
        self.done = 0
        self.errors = 0
        self.truncated = 0
        self.causes: Counter[str] = Counter()
        self.tokens = 0
        self.spoilt = 0
        self._started = self._logged = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since the server was there."""
        return time.monotonic() - self._started

    def add(self, row: Generation) -> None:
        """Count one that is finished."""
        self.done += 1
        if row.error is not None:
            self.errors += 1
            cause = row.error[:LONGEST_CAUSE]
            if cause in self.causes or len(self.causes) < MOST_CAUSES:
                self.causes[cause] += 1
        self.truncated += row.error is None and ending(row.finish_reason) == "truncated"
        self.tokens += row.completion_tokens or 0
        self.spoilt += row.replaced is not None

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
        of = eta = ""
        if self.total is not None:
            of = f" of {self.total}"
            if 0 < self.done < self.total:
                eta = f", {(self.total - self.done) * seconds / self.done:.0f} s left"
        rate = f"{self.tokens / seconds:.0f} output tokens/s"
        spoilt = f", {self.spoilt} with U+FFFD for lone surrogates" if self.spoilt else ""
        return f"{self.done}{of} {self.what}, {self.errors} errors{spoilt}, {rate}{eta}"
