"""A client whose requests wait for their judge's rate limits and are paid from its budget."""

from __future__ import annotations

import asyncio
import time
from typing import Self

from snakeval.asking.clients import Client
from snakeval.asking.completions import Completion
from snakeval.asking.failures import RequestFailed
from snakeval.asking.meter import Meter, Ticket
from snakeval.asking.spending import Usage
from snakeval.types import Json

POLL_SECONDS = 0.2


class MeteredClient:
    """Passes requests on to another client as the meter admits them."""

    def __init__(self, client: Client, meter: Meter) -> None:
        self._client = client
        self._meter = meter

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self._client.__aexit__(*exception)

    async def complete(self, base_url: str, api_key: str | None, body: Json) -> Completion:
        """One completion. Raises RequestFailed, and BudgetReached when not even one more can be paid."""
        ticket = await self._admitted(body)
        usage, billed = None, False
        try:
            await asyncio.sleep(max(0.0, ticket.start - time.time()))
            billed = True  # a request that is cancelled from here on may be worked on to its end
            completion = await self._client.complete(base_url, api_key, body)
            if completion.prompt_tokens is not None:
                paid = (completion.completion_tokens or 0) + completion.hidden_tokens
                usage = Usage(1, completion.prompt_tokens, completion.cached_tokens, paid)
        except RequestFailed as failure:
            billed = failure.billed
            if failure.retry_after:
                self._meter.pause(failure.retry_after)
            raise
        finally:
            self._meter.settle(ticket, usage, billed)
        return completion

    async def _admitted(self, body: Json) -> Ticket:
        bound = body.get("max_completion_tokens") or body.get("max_tokens") or 0
        while True:
            ticket = self._meter.admit(body["messages"], bound)
            if ticket is not None:
                return ticket
            await asyncio.sleep(POLL_SECONDS)
