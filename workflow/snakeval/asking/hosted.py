"""The client for hosted APIs, built on the openai package."""

from __future__ import annotations

from typing import Self

import httpx
import openai

from snakeval.asking.clients import (
    ERROR_CHARACTERS,
    Completion,
    RequestFailed,
    http_failure,
    parse_completion,
)
from snakeval.types import Json


class HostedClient:
    """The openai package, for hosted APIs. Its own retries are off: each request is admitted and counted."""

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
                base_url=base_url, api_key=api_key or "none", timeout=self._timeout, max_retries=0
            )
        own = ("model", "messages", "prompt")
        extra = {name: value for name, value in body.items() if name not in own and value is not None}
        client, model = self._clients[key], body["model"]
        try:
            if "prompt" in body:
                plain = await client.completions.create(model=model, prompt=body["prompt"], extra_body=extra)
                return parse_completion(plain.model_dump())
            answer = await client.chat.completions.create(
                model=model, messages=body["messages"], extra_body=extra
            )
        except openai.APITimeoutError:
            raise RequestFailed("transient", f"no answer within {self._timeout:g} s", billed=True) from None
        except openai.APIConnectionError as error:
            sent = not isinstance(error.__cause__, httpx.ConnectError)
            raise RequestFailed("connection", f"connection failed: {error}", billed=sent) from None
        except openai.APIStatusError as error:
            retry_after = error.response.headers.get("Retry-After")
            raise http_failure(error.status_code, error.response.text, retry_after) from None
        except (openai.APIError, ValueError) as error:
            cause = f"not a chat completion: {error}"[:ERROR_CHARACTERS]
            raise RequestFailed("transient", cause, billed=True) from None
        return parse_completion(answer.model_dump())
