"""One completion over HTTP, of a chat or of a plain text: a request goes in, a completion or a named failure
comes out.

Local engines share the machine with their client, so they get a client that costs it little
(`snakeval.asking.http_pool`); hosted APIs get the openai package (`snakeval.asking.hosted`). Both raise
only `RequestFailed`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Protocol, Self

from snakeval.asking.http_pool import HttpPool, NotSent
from snakeval.types import COMPLETION, Json, Message

# A message of the server may quote the request; this much of it is enough to know the cause.
ERROR_CHARACTERS = 300
PERMANENT = frozenset({400, 413, 422})
FATAL = frozenset({401, 402, 403, 404})


@dataclass(frozen=True, slots=True)
class Completion:
    """What came back for one request; token counts are None where the server reports no usage."""

    text: str
    reasoning: str | None
    finish_reason: str | None
    prompt_tokens: int | None
    completion_tokens: int | None
    cached_tokens: int = 0
    hidden_tokens: int = 0

    @property
    def extras(self) -> Json:
        """What the usage says besides, for the journal: tokens that are cheaper, or paid for and not seen."""
        found = {"cached_tokens": self.cached_tokens, "hidden_tokens": self.hidden_tokens}
        return {key: value for key, value in found.items() if value}


class RequestFailed(Exception):
    """A request without a completion.

    `kind` is "transient" (worth asking again), "connection" (the same, and the server may be gone),
    "permanent" (this request will never be answered) or "fatal" (no request will ever be: wrong key,
    unknown model). `retry_after` is the pause in seconds that the server asked for. `billed` says that the
    server may have done the work and count it, though no answer came.
    """

    def __init__(self, kind: str, cause: str, retry_after: float | None = None, billed: bool = False) -> None:
        super().__init__(cause)
        self.kind = kind
        self.retry_after = retry_after
        self.billed = billed


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


def parse_completion(payload: Any) -> Completion:
    """The first choice of a chat completion, or of a plain one; anything unlike is a transient failure.

    `finish_reason: "abort"` is a failure too: vLLM answers requests in flight so, with the text cut,
    when it is told to stop.
    """
    try:
        choice = payload["choices"][0]
        message = choice["message"] if "text" not in choice else {"content": choice["text"]}
        finish_reason = choice["finish_reason"]
        usage = payload.get("usage") or {}
        reasoning = message.get("reasoning_content") or message.get("reasoning")
        text = message.get("content") or ""
    except (KeyError, IndexError, TypeError, AttributeError):
        raise RequestFailed(
            "transient", f"not a chat completion: {str(payload)[:ERROR_CHARACTERS]}", billed=True
        ) from None
    if finish_reason == "abort":
        raise RequestFailed("connection", "the server aborted the request (finish_reason 'abort')")
    if not isinstance(text, str):
        raise RequestFailed("transient", "not a chat completion: 'content' is not a string", billed=True)
    return Completion(text, reasoning, finish_reason, *_token_counts(usage))


def _token_counts(usage: Json) -> tuple[int | None, int | None, int, int]:
    """(prompt, completion, cached prompt, hidden) tokens.

    Some APIs leave reasoning out of the completion and count it in the total only: hidden, and paid for.
    """
    prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
    cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
    hidden = (usage.get("total_tokens") or 0) - (prompt or 0) - (completion or 0)
    return prompt, completion, cached, max(hidden, 0)


def http_failure(status: int, body: str, retry_after: str | None) -> RequestFailed:
    """The failure that an HTTP status stands for; the server's own message is in it, shortened."""
    try:
        parsed = json.loads(body)
        message = str(parsed.get("error", parsed).get("message", parsed))
    except (ValueError, AttributeError):
        message = body
    cause = f"HTTP {status}: {message[:ERROR_CHARACTERS].strip() or 'empty body'}"
    if status in FATAL:
        return RequestFailed("fatal", cause)
    if status in PERMANENT:
        return RequestFailed("permanent", cause)
    return RequestFailed("transient", cause, _seconds(retry_after))


def _seconds(retry_after: str | None) -> float | None:
    """The pause that a Retry-After header asks for, in seconds or as a date."""
    if not retry_after:
        return None
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except ValueError:
        return None


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
            raise RequestFailed("transient", f"no answer within {self._timeout:g} s", billed=True) from None
        except OSError as error:
            sent = not isinstance(error, NotSent)
            raise RequestFailed("connection", f"connection failed: {error}", billed=sent) from None
        location = answer.headers.get("location")
        if location and 300 <= answer.status < 400:
            cause = f"HTTP {answer.status}: it is at {location} now; put that address into base_urls"
            raise RequestFailed("fatal", cause)
        if answer.status != 200:
            text = answer.body.decode(errors="replace")
            raise http_failure(answer.status, text, answer.headers.get("retry-after"))
        try:
            payload = json.loads(answer.body)
        except ValueError:
            start = answer.body[:ERROR_CHARACTERS].decode(errors="replace")
            raise RequestFailed("transient", f"the answer is not JSON: {start!r}", billed=True) from None
        return parse_completion(payload)
