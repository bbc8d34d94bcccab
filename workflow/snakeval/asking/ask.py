"""Ask a model for completions and journal each as it comes.

`Asker` is one job's client: it keeps the server's queue full, spreads requests over replicas, asks
again for what failed, and hands each finished sample to the journal. A sample that can't be had
becomes a row with its error; only a server that is gone or refuses all, or a full disk end the job.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, fields

import uvloop

from snakeval.asking.clients import Client, LocalClient, asked, sent
from snakeval.asking.endpoints import Endpoint, Handle, ServerGone
from snakeval.asking.failures import RequestFailed
from snakeval.asking.heard import Heard
from snakeval.asking.http_pool import HttpPool
from snakeval.asking.meter import Meter
from snakeval.asking.metered import MeteredClient
from snakeval.asking.note import Look, Noter
from snakeval.asking.progress import Progress
from snakeval.asking.replicas import Concurrency, Replicas
from snakeval.asking.request import Request, Source
from snakeval.asking.who import Who
from snakeval.journal.writer import JournalWriter
from snakeval.system.interrupts import STOP_SIGNALS, Interrupted
from snakeval.types import Generation, Json

log = logging.getLogger(__name__)
COLUMNS = [field.name for field in fields(Generation)]
# Five attempts span 30 s: longer than a dying engine answers 500 before its end is noticed.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
LONGEST_RETRY_AFTER = 300.0
# No replica of an endpoint that nobody here manages answered for so long: it is gone.
SILENT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How a job asks: none of these changes what comes back. Times in seconds.

    `meter` paces and pays the requests to a judge that has rate limits or a price.
    """

    concurrency: int | str = "auto"
    max_attempts: int = 5
    request_timeout: float = 3600
    start_timeout: float = 3600
    lease_timeout: float = 86_400
    hosted: bool = False
    meter: Meter | None = None


def keep(journal: JournalWriter, row: Generation, extras: Json) -> None:
    """Journal a row, with what else there is to say of it."""
    values = {**{name: getattr(row, name) for name in COLUMNS}, **extras}
    journal.append(values, row.digest, row.error is None)


class Asker:
    """Asks for many samples at once; see the module's text."""

    def __init__(
        self, handle: Handle, journal: JournalWriter, limits: Limits, heard: Heard, noter: Noter
    ) -> None:
        self._heard = heard
        self._noter = noter
        self._asking = False
        self._handle = handle
        self._journal = journal
        self._limits = limits
        self._workers: set[asyncio.Task[None]] = set()
        self.progress = Progress(0, "samples")
        """How far it is; what it has done once it ended."""

    def run(self, source: Source) -> None:
        """Ask for all that the source gives and return when each request has its row in the journal.

        Raises ServerGone, Interrupted, BudgetReached, and JournalError where a row can't be kept.
        """
        self._source = source
        self.progress = Progress(source.total, source.what)
        # A third less CPU a request than asyncio's own loop, and a local server shares the machine.
        uvloop.run(self._run())

    async def _run(self) -> None:
        main = asyncio.current_task()
        assert main is not None
        received: list[str] = []

        def stop(name: str) -> None:
            received.append(name)
            main.cancel()

        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, stop, number.name)
        try:
            await self._serve_requests()
        except asyncio.CancelledError:
            if not received:
                raise
            raise Interrupted(f"stopped by {received[0]}: {self.progress}; run again to go on") from None
        finally:
            for number in STOP_SIGNALS:  # uvloop would leave its own behind
                loop.remove_signal_handler(number)
            log.info("%s", self.progress)
            for cause, count in self.progress.causes.most_common(3):
                log.warning("%d times: %s", count, cause)

    async def _serve_requests(self) -> None:
        self._handle.demand()
        async with self._noter.kept(self._look):
            self._use(await self._handle.wait_ready(self._limits.start_timeout))
            await self._serve_ready()

    async def _serve_ready(self) -> None:
        self._who = Who(self._limits.hosted)
        if not (self._handle.managed or self._limits.hosted):
            await self._who.look(self._endpoint)
        self.progress.restart_clock()
        self._asking = True
        async with self._client() as client:
            watcher = asyncio.create_task(self._watch())
            try:
                self._fill(client)
                while self._workers:
                    done, _ = await asyncio.wait(
                        self._workers, timeout=1.0, return_when=asyncio.FIRST_COMPLETED
                    )
                    self._workers -= done
                    # All are looked at, or asyncio complains of failures that nobody has seen.
                    for failure in [task.exception() for task in done]:
                        if failure:
                            raise failure
                    self._fill(client)
            finally:
                for task in (watcher, *self._workers):
                    task.cancel()
                await asyncio.gather(watcher, *self._workers, return_exceptions=True)

    def _client(self) -> Client:
        client = self._bare_client()
        return MeteredClient(client, self._limits.meter) if self._limits.meter else client

    def _bare_client(self) -> Client:
        if self._limits.hosted:
            # The openai package takes most of a second to import: only where it is used.
            from snakeval.asking.hosted import HostedClient

            return HostedClient(self._limits.request_timeout)
        return LocalClient(self._limits.request_timeout)

    def _use(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._replicas = Replicas(endpoint.base_urls)
        self._concurrency = Concurrency(self._limits.concurrency, len(endpoint.base_urls))

    def _fill(self, client: Client) -> None:
        while len(self._workers) < self._concurrency.limit and self._source.more():
            self._workers.add(asyncio.create_task(self._work(client)))
            if len(self._workers) >= Concurrency.MOST * len(self._replicas.base_urls):
                return

    async def _work(self, client: Client) -> None:
        """Take requests one after another until there is none or fewer workers are wanted."""
        while len(self._workers) <= self._concurrency.limit:
            request = self._source.take()
            if request is None:
                return
            row, extras = await self._ask(client, request)
            keep(self._journal, row, extras)
            self.progress.add(row)
            self._source.answered(row)
            self._fill(client)  # one answer can bring many requests

    async def _ask(self, client: Client, request: Request) -> tuple[Generation, Json]:
        """One sample, or its error after the last attempt, and what else its usage says."""
        self._heard.asked(request.digest)
        try:
            return await self._attempts(client, request)
        finally:
            self._heard.ended(request.digest)

    async def _attempts(self, client: Client, request: Request) -> tuple[Generation, Json]:
        attempt, cause = 0, ""
        while attempt < self._limits.max_attempts:
            endpoint, replicas, url = self._endpoint, self._replicas, self._replicas.take()
            body = {"model": endpoint.served_model_name, **asked(request.messages), "seed": request.seed}
            started = time.monotonic()
            try:
                completion = await client.complete(url, endpoint.api_key, sent({**body, **request.body}))
            except RequestFailed as failure:
                cause = f"{failure.kind}: {failure}"
                self._check_refusal(url, request, failure)
                if failure.kind == "permanent":
                    break
                if failure.kind == "connection":
                    replicas.failed(url)
                    await self._check_server()
                pause = min(FIRST_PAUSE * 2**attempt, LONGEST_PAUSE)
                await asyncio.sleep(min(max(pause, failure.retry_after or 0), LONGEST_RETRY_AFTER))
                # An attempt on a server that has been replaced since does not count.
                attempt += 1 if self._endpoint is endpoint else 0
            else:
                replicas.answered(url)
                self._heard.answered()
                seconds, other = time.monotonic() - started, self._who.other(url, body["model"], completion)
                return request.answered(completion, seconds, other), completion.extras
            finally:
                replicas.give_back(url)
        if self._heard.nothing and cause.startswith("connection"):
            raise ServerGone(f"{', '.join(self._replicas.base_urls)}: nothing was ever answered: {cause}")
        return request.failed(cause), {}

    def _check_refusal(self, url: str, request: Request, failure: RequestFailed) -> None:
        """Raise ServerGone where the server refuses every request, not this one alone."""
        self._heard.failed(url, failure)
        if failure.kind == "fatal" or (failure.refused and self._heard.refuses_all(request.digest, failure)):
            raise ServerGone(f"{url} refuses every request: {failure}") from None

    async def _check_server(self) -> None:
        """After a failed connection: wait for an engine that is starting again, or give up."""
        if reason := self._handle.gone():
            raise ServerGone(reason)
        endpoint = await self._handle.wait_ready(self._limits.start_timeout)
        if endpoint != self._endpoint:
            self._use(endpoint)
        elif not self._handle.managed and self._replicas.silent_seconds() > SILENT_SECONDS:
            raise ServerGone(f"no answer from {', '.join(endpoint.base_urls)} for {SILENT_SECONDS:g} s")

    def _look(self) -> Look:
        return Look(self.progress, self._asking, self._source.finished, len(self._workers))

    async def _watch(self) -> None:
        """Log progress and follow the server's queue, once a second, until cancelled."""
        async with HttpPool(timeout=5) as pool:
            while True:
                await asyncio.sleep(1)
                self.progress.log_when_due(len(self._workers))
                if self._concurrency.adapts and not self._limits.hosted:
                    await self._concurrency.follow(pool, self._endpoint)
