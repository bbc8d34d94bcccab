"""One completion over HTTP, of a chat or of a plain text: a request goes in, a completion or a named failure
comes out.

Local engines share the machine with their client, so they get a client that costs it little
(`snakeval.asking.http_pool`); hosted APIs get the openai package (`snakeval.asking.hosted`). Both raise
only `RequestFailed`, and read what comes with `snakeval.asking.completions`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Protocol, Self

from snakeval.asking.completions import Completion, read_completion, too_long
from snakeval.asking.failures import RequestFailed, http_failure
from snakeval.asking.http_pool import HttpPool, NotSent, TooLong
from snakeval.types import COMPLETION, Json, Message


class Client(Protocol):
    """Anything that answers chats, and continues texts, at a base URL."""

    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *exception: object) -> None: ...
    async def complete(self, base_url: str, api_key: str | None, body: Json) -> Completion: ...


def asked(messages: Sequence[Message]) -> Json:
    """What a request asks: a chat's messages, or the text to be continued, which goes to another endpoint."""
    if messages[0]["role"] == COMPLETION:
        return {"prompt": messages[0]["content"]}
    return {"messages": messages}


def sent(body: Json) -> Json:
    """What is sent of a request's parameters, whoever asks: nothing that is null, and one bound of length.

    Who knows `max_completion_tokens` refuses `max_tokens` beside it; a null is how a file takes a key out.
    """
    kept = {key: value for key, value in body.items() if value is not None}
    if "max_completion_tokens" in kept:
        kept.pop("max_tokens", None)
    return kept


def bound_of(body: Json) -> int | None:
    """The most tokens that an answer to this body may have; None where it says none."""
    bound = body.get("max_completion_tokens") or body.get("max_tokens")
    return bound if isinstance(bound, int) else None


def timed_out(seconds: float) -> RequestFailed:
    """The failure of a request without a whole answer within the time it may take."""
    return RequestFailed("transient", f"no answer within {seconds:g} s", billed=True, heard=False)


def unconnected(error: Exception, was_sent: bool) -> RequestFailed:
    """The failure of a connection that was refused, or broke."""
    return RequestFailed("connection", f"connection failed: {error}", billed=was_sent, heard=False)


class LocalClient:
    """The OpenAI wire format and nothing else, for engines on this machine or in this cluster."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._pool = HttpPool(timeout)

    async def __aenter__(self) -> Self:
        await self._pool.__aenter__()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self._pool.__aexit__(None, None, None)

    async def complete(self, base_url: str, api_key: str | None, body: Json) -> Completion:
        """One completion, within the client's time-out."""
        url = f"{base_url}/{'completions' if 'prompt' in body else 'chat/completions'}"
        try:
            answer = await self._pool.post(url, api_key, json.dumps(body).encode())
        except TimeoutError:
            raise timed_out(self._timeout) from None
        except TooLong:
            raise too_long() from None
        except OSError as error:
            raise unconnected(error, not isinstance(error, NotSent)) from None
        location = answer.headers.get("location")
        if location and 300 <= answer.status < 400:
            cause = f"HTTP {answer.status}: it is at {location} now; put that address into base_urls"
            raise RequestFailed("fatal", cause)
        if answer.status != 200:
            text = answer.body.decode(errors="replace")
            raise http_failure(answer.status, text, answer.headers.get("retry-after"))
        return read_completion(answer.body, bound_of(body))
