"""What a job has heard from its server so far: is one request refused, or every one?"""

from __future__ import annotations

import logging
from collections.abc import Collection

from snakeval.asking.failures import RequestFailed

log = logging.getLogger(__name__)
# So many different requests must be refused before a refusal of one's prompt is taken for one of all.
REFUSED_REQUESTS = 3


class Heard:
    """Counts answers and refusals of one job that has `total` requests, if that is known.

    `known` says that earlier jobs had answers to others of the same requests; `before` are the digests of
    those that were refused to earlier jobs, which say nothing of all if they are refused again.
    """

    def __init__(self, total: int | None, known: bool, before: Collection[str] = ()) -> None:
        self._before = frozenset(before)
        self._needed = REFUSED_REQUESTS if total is None or known else min(REFUSED_REQUESTS, total)
        self._reached = self._answered = False
        self._open: set[str] = set()
        self._refused: set[str] = set()
        self._refusals = 0
        self._unreachable: set[str] = set()

    def asked(self, digest: str) -> None:
        """A request has been taken up."""
        self._open.add(digest)

    def ended(self, digest: str) -> None:
        """A request has its row."""
        self._open.discard(digest)

    def answered(self) -> None:
        """A completion came."""
        self._reached = self._answered = True

    def failed(self, url: str, failure: RequestFailed) -> None:
        """A request failed; the first connection to each server that does is logged at once."""
        self._reached = self._reached or failure.heard
        if failure.kind == "connection" and not failure.heard and url not in self._unreachable:
            self._unreachable.add(url)
            log.warning("%s: %s; it is tried again", url, failure)

    def refuses_all(self, digest: str, failure: RequestFailed) -> bool:
        """Whether the server refuses not this request but every one.

        Nothing was ever answered, all that are under way were refused, and the refusal repeats: for another
        try of the same request where no prompt could be its cause, else for several requests.
        """
        self._refused.add(digest)
        self._refusals += 1
        enough = len(self._refused - self._before) >= (self._needed if failure.kind == "permanent" else 1)
        return not self._answered and enough and self._refusals > 1 and self._open <= self._refused

    @property
    def nothing(self) -> bool:
        """Whether no server has ever said anything."""
        return not self._reached
