"""Requests without a completion: what a status, or an error in an answer, says of asking again."""

from __future__ import annotations

import json
import math
import re
import time
from email.utils import parsedate_to_datetime
from typing import Any

from snakeval.answers.finish import REFUSED_BY_FILTER
from snakeval.system.keys import without_keys
from snakeval.system.surrogates import without

# A message of the server may quote the request; this much of it is enough to know the cause.
ERROR_CHARACTERS = 300
# Headers and body of one answer.
MOST_BYTES = 64 << 20
PERMANENT = frozenset({400, 403, 413, 422})
REFUSED = frozenset({401, 403, 404})
PAYMENT_REQUIRED = 402
# Codes and types of errors that end with the account's money, whatever their status (OpenAI's is 429).
SPENT = frozenset(
    {
        "insufficient_quota",
        "insufficient_balance",
        "insufficient_credits",
        "billing_hard_limit_reached",
        "billing_not_active",
        "account_deactivated",
    }
)
# What a filter says of a prompt, in the code, type or message of an error: Azure's and OpenAI's, xAI's,
# OpenRouter's, DashScope's, DeepSeek's.
FILTER = re.compile(
    r"content[ _-]?(filter|policy|management policy)|responsibleaipolicyviolation|usage (guidelines|polic)"
    r"|safety[ _](check|system)|flagged|requires moderation|data_?inspection_?failed|content exists risk"
    r"|prohibited[ _]content|policy_violation|new_sensitive",
    re.IGNORECASE,
)
FILTER_STATUS = frozenset({400, 403, 422, 451})
# Words for a status, of errors that come inside an answer; gRPC's among them.
STATUS_OF = {
    "rate_limit_exceeded": 429,
    "rate_limit_error": 429,
    "rate_limited": 429,
    "too_many_requests": 429,
    "resource_exhausted": 429,
    "server_error": 500,
    "internal": 500,
    "internal_error": 500,
    "internal_server_error": 500,
    "internalservererror": 500,
    "api_error": 500,
    "bad_gateway": 502,
    "upstream_error": 502,
    "network_error": 502,
    "unavailable": 503,
    "service_unavailable": 503,
    "overloaded": 503,
    "overloaded_error": 503,
    "server_overloaded": 503,
    "engine_overloaded": 503,
    "insufficient_system_resource": 503,
    "timeout": 504,
    "timeout_error": 504,
    "deadline_exceeded": 504,
}


class RequestFailed(Exception):
    """A request without a completion.

    `kind` is "transient" (worth asking again), "connection" (the same, and the server may be gone),
    "permanent" (this request will never be answered) or "fatal" (no request will ever be: no money left, a
    server that moved). `refused` says that the cause may be the client (its key, the model's name) rather
    than this request. `retry_after` is the pause in seconds that the server asked for. `billed` says that the
    server may have done the work and count it, though no answer came; `heard`, that the server answered.
    """

    def __init__(
        self,
        kind: str,
        cause: str,
        retry_after: float | None = None,
        billed: bool = False,
        *,
        refused: bool = False,
        heard: bool = True,
    ) -> None:
        super().__init__(without_keys(without(cause)))
        self.kind = kind
        self.retry_after = retry_after
        self.billed = billed
        self.refused = refused
        self.heard = heard


def http_failure(status: int, body: str, retry_after: str | None) -> RequestFailed:
    """The failure that an HTTP status stands for; the server's own message is in it, shortened."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        parsed = None
    if isinstance(parsed, list) and parsed:  # Gemini's compatible endpoint puts the object into a list
        parsed = parsed[0]
    error = parsed.get("error") or parsed if isinstance(parsed, dict) else None
    message, words = _said(error, parsed)
    if message is None:
        message = without_keys(body)[:ERROR_CHARACTERS]  # a cut key would not be known again
    shown = f"HTTP {status}: {message[:ERROR_CHARACTERS].strip() or 'empty body'}"
    return _failure(status, shown, [*words, message], _seconds(retry_after), billed=False)


def error_failure(error: Any) -> RequestFailed:
    """The failure that an error inside an answer stands for; asked again only if its code says so."""
    message, words = _said(error, None)
    status = next((found for word in words if (found := _status(word)) is not None), 400)
    code = f" ({words[0]})" if words else ""
    shown = f"an error came as the answer{code}: {(message or _spelt(error))[:ERROR_CHARACTERS].strip()}"
    return _failure(status, shown, [*words, message or ""], None, billed=True)


def _failure(
    status: int, shown: str, words: list[str], retry_after: float | None, billed: bool
) -> RequestFailed:
    spent = next((word for word in words if word.strip().lower() in SPENT), None)
    if spent or status == PAYMENT_REQUIRED or "credit balance is too low" in words[-1].lower():
        return RequestFailed("fatal", shown if not spent or spent in shown else f"{shown} ({spent})")
    if status in FILTER_STATUS and any(FILTER.search(word) for word in words):
        return RequestFailed("permanent", shown + REFUSED_BY_FILTER, billed=billed)
    kind = "permanent" if status in PERMANENT else "transient"
    return RequestFailed(kind, shown, retry_after, billed, refused=status in REFUSED)


def _said(error: Any, around: Any) -> tuple[str | None, list[str]]:
    """An error's message and its words (code, type, status), from it or from the object around it."""
    words = []
    for holder in (error, around if around is not error else None):
        if isinstance(holder, dict):
            found = [holder.get(key) for key in ("code", "status", "type")]
            words += [str(word) for word in found if word and isinstance(word, str | int)]
    message = error.get("message") if isinstance(error, dict) else error
    told = without_keys(message) if isinstance(message, str) else None
    return told, [word for word in words if len(word) < 100]


def _spelt(error: Any) -> str:
    """An error without a message as it came."""
    try:
        return without_keys(json.dumps(error))
    except RecursionError:
        return "deeply nested"


def _status(word: str) -> int | None:
    """The HTTP status that a code is, or stands for; None for any other."""
    if word.isascii() and word.isdigit():
        return int(word) if 400 <= int(word) < 600 else None
    return STATUS_OF.get(word.strip().lower().replace(" ", "_"))


def _seconds(retry_after: str | None) -> float | None:
    """The pause that a Retry-After header asks for, in seconds or as a date."""
    if not retry_after:
        return None
    try:
        seconds = float(retry_after)
        return max(0.0, seconds) if math.isfinite(seconds) else None
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None
