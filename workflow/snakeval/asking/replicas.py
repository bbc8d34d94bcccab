"""Which replica gets the next request, and how many requests may be in flight."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence

from snakeval.asking.endpoints import Endpoint
from snakeval.asking.http_pool import HttpPool

# A replica whose connection failed gets no request for so long, unless all have failed.
DOWN_SECONDS = 10.0


class Replicas:
    """The base URLs that serve one model; the one with the fewest requests in flight is next."""

    def __init__(self, base_urls: Sequence[str]) -> None:
        self._in_flight = dict.fromkeys(base_urls, 0)
        self._down_until = dict.fromkeys(base_urls, 0.0)
        self._silent_since: float | None = None

    @property
    def base_urls(self) -> tuple[str, ...]:
        """All replicas, up or down."""
        return tuple(self._in_flight)

    def take(self) -> str:
        """The least busy replica that is up (of those that are down, the one down longest)."""
        now = time.monotonic()
        url = min(self._in_flight, key=lambda u: (max(self._down_until[u] - now, 0.0), self._in_flight[u]))
        self._in_flight[url] += 1
        return url

    def give_back(self, url: str) -> None:
        """A request to this replica has ended, however."""
        self._in_flight[url] -= 1

    def answered(self, url: str) -> None:
        """The replica answered: it is up."""
        self._down_until[url] = 0.0
        self._silent_since = None

    def failed(self, url: str) -> None:
        """The replica could not be reached: requests move to the others for a while."""
        now = time.monotonic()
        self._down_until[url] = now + DOWN_SECONDS
        self._silent_since = now if self._silent_since is None else self._silent_since

    def silent_seconds(self) -> float:
        """Seconds since a connection failed and none has brought an answer; 0 while none has failed.

        An answer that takes an hour is no silence.
        """
        return 0.0 if self._silent_since is None else time.monotonic() - self._silent_since


class Concurrency:
    """How many requests are kept in flight: a fixed number, or one that follows the server's queue.

    "auto" starts at `START` a replica and keeps a short queue waiting at the server: an empty queue
    means that the server could take more, a long one that requests only wait there and run into
    time-outs. The queue's length is a metric of the engine's; a server without it keeps the start
    value.
    """

    START = 64
    MOST = 1024

    def __init__(self, setting: int | str, replicas: int) -> None:
        self.adapts = setting == "auto"
        self._most = self.MOST * replicas
        self.limit = self.START * replicas if isinstance(setting, str) else setting

    def observe(self, running: float, waiting: float) -> None:
        """Take in the server's numbers of running and waiting requests, of all its clients."""
        if not self.adapts:
            return
        if waiting == 0 and running >= 0.8 * self.limit:
            self.limit = min(self._most, self.limit * 3 // 2)
        elif waiting > max(8.0, running / 2):
            self.limit = max(8, self.limit * 4 // 5)

    async def follow(self, pool: HttpPool, endpoint: Endpoint) -> None:
        """Take in the queues of all replicas, as far as they tell."""
        counts = [await queue_of(pool, url, endpoint.api_key) for url in endpoint.base_urls]
        known = [count for count in counts if count is not None]
        if known:
            self.observe(sum(r for r, _ in known), sum(w for _, w in known))


# What servers call their numbers of running and waiting requests: vLLM, SGLang, llama.cpp.
RUNNING = ("vllm:num_requests_running", "sglang:num_running_reqs", "llamacpp:requests_processing")
WAITING = ("vllm:num_requests_waiting", "sglang:num_queue_reqs", "llamacpp:requests_deferred")
# SGLang counts the requests of each priority once more, beside all of them.
SHARE = re.compile(r'[{,]priority="[^"]')


def queue_length(metrics: str) -> tuple[float, float] | None:
    """(running, waiting) requests from a server's Prometheus text, summed over its engines."""
    counted: dict[bool, list[float]] = {True: [], False: []}
    for line in metrics.splitlines():
        name, _, labels = line.rpartition(" ")[0].partition("{")
        if name in RUNNING + WAITING and not SHARE.search("{" + labels):
            counted[name in RUNNING].append(float(line.rpartition(" ")[2]))
    return (sum(counted[True]), sum(counted[False])) if counted[True] or counted[False] else None


async def queue_of(pool: HttpPool, base_url: str, key: str | None) -> tuple[float, float] | None:
    """Requests that a server runs and keeps waiting, by its metrics; None where it has none."""
    try:
        answer = await pool.get(f"{base_url.removesuffix('/v1')}/metrics", key)
        return queue_length(answer.body.decode()) if answer.status == 200 else None
    except (OSError, ValueError):
        return None
