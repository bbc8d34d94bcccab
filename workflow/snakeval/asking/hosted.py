"""The client for hosted APIs, built on the openai package."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any, Self

import httpx2
import openai
from openai import AsyncAPIResponse

from snakeval.asking.clients import bound_of, timed_out, unconnected
from snakeval.asking.completions import Completion, read_completion, too_long
from snakeval.asking.failures import MOST_BYTES, RequestFailed, http_failure
from snakeval.asking.http_pool import TooLong
from snakeval.types import Json


class HostedClient:
    """The openai package, for hosted APIs. Its own retries are off: each request is admitted and counted.

    Nor does it read what comes: its types take anything, and a page of HTML for a completion.
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._clients: dict[tuple[str, str | None], openai.AsyncOpenAI] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        for client in self._clients.values():
            await client.close()

    async def complete(self, base_url: str, api_key: str | None, body: Json) -> Completion:
        """One completion; what is not a parameter of the package's method travels as its extra body."""
        key = (base_url, api_key)
        if key not in self._clients:
            self._clients[key] = openai.AsyncOpenAI(
                base_url=base_url,
                api_key=api_key or "none",
                timeout=self._timeout,
                max_retries=0,
                http_client=openai.DefaultAsyncHttpxClient(event_hooks={"response": [_bound]}),
            )
        try:
            # The package's own time-out is that of each read: a byte now and then would keep it for ever.
            async with asyncio.timeout(self._timeout):
                answer = await _body(self._clients[key], body)
        except (TimeoutError, httpx2.TimeoutException, openai.APITimeoutError):
            raise timed_out(self._timeout) from None
        except TooLong:
            raise too_long() from None
        except openai.APIConnectionError as error:
            raise unconnected(error, not isinstance(error.__cause__, httpx2.ConnectError)) from None
        except openai.APIStatusError as error:
            retry_after = error.response.headers.get("Retry-After")
            raise http_failure(error.status_code, error.response.text, retry_after) from None
        except httpx2.DecodingError as error:
            raise RequestFailed("transient", f"the answer can't be read: {error}", billed=True) from None
        except httpx2.HTTPError as error:
            raise unconnected(error, was_sent=True) from None
        except (openai.APIError, ValueError) as error:
            raise RequestFailed("transient", f"not a chat completion: {error}", billed=True) from None
        return read_completion(answer, bound_of(body))


class _Bounded(httpx2.AsyncByteStream):
    """What comes of one answer, an error's too, up to the bound; then TooLong."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for piece in self._stream:
            size += len(piece)
            if size > MOST_BYTES:
                raise TooLong(f"the answer is longer than {MOST_BYTES} bytes")
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _bound(response: httpx2.Response) -> None:
    assert isinstance(response.stream, httpx2.AsyncByteStream), "the client is asynchronous"
    response.stream = _Bounded(response.stream)


async def _body(client: openai.AsyncOpenAI, body: Json) -> bytes:
    """The bytes of the answer to one request, whatever they are. Raises TooLong, also of what is unpacked."""
    own = ("model", "messages", "prompt")
    extra = {name: value for name, value in body.items() if name not in own}
    request: AbstractAsyncContextManager[AsyncAPIResponse[Any]]
    if "prompt" in body:
        request = client.completions.with_streaming_response.create(
            model=body["model"], prompt=body["prompt"], extra_body=extra
        )
    else:
        request = client.chat.completions.with_streaming_response.create(
            model=body["model"], messages=body["messages"], extra_body=extra
        )
    pieces, size = [], 0
    async with request as answer:
        async for piece in answer.iter_bytes():
            pieces.append(piece)
            size += len(piece)
            if size > MOST_BYTES:
                raise TooLong(f"the answer is longer than {MOST_BYTES} bytes, unpacked")
    return b"".join(pieces)
