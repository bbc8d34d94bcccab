"""The one reader of completions: whatever a server sends is a completion or a failure with its name.

Local and hosted client hand it the bytes of an answer with status 200. It trusts no type: what a row's table
could not hold never gets into a row.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from snakeval.answers.finish import ending
from snakeval.asking.content import Unlike, read_content, read_reasoning
from snakeval.asking.failures import ERROR_CHARACTERS, MOST_BYTES, RequestFailed, error_failure
from snakeval.system.keys import answer_without_keys, without_keys
from snakeval.system.surrogates import replaced, without
from snakeval.types import Json

# A journal's line holds 64 MiB, and a character may take twelve bytes of it, and once more as it came.
TEXT_CHARACTERS = 2 << 20
REFUSAL_CHARACTERS = 10_000
MOST_TOKENS = 2**31 - 1
NAME_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Completion:
    """What came back for one request; token counts are None where the server reports none that can be.

    Lone surrogates are U+FFFD in the texts, `replaced` of them; `model` and `system_fingerprint` are what
    the server says of itself.
    """

    text: str
    reasoning: str | None
    finish_reason: str | None
    prompt_tokens: int | None
    completion_tokens: int | None
    cached_tokens: int = 0
    hidden_tokens: int = 0
    model: str | None = None
    system_fingerprint: str | None = None
    replaced: int = 0
    beside: Json = field(default_factory=dict)

    @property
    def extras(self) -> Json:
        """What else there is for the journal.

        Tokens that are cheaper, or paid for and not seen; a refusal's words; `original` texts, where they
        hold what no table can.
        """
        found = {"cached_tokens": self.cached_tokens, "hidden_tokens": self.hidden_tokens}
        return {**{key: value for key, value in found.items() if value}, **self.beside}


def too_long() -> RequestFailed:
    """The failure of an answer whose body is longer than the bound."""
    return RequestFailed("permanent", f"the answer is longer than {MOST_BYTES >> 20} MiB", billed=True)


def read_completion(body: bytes, bound: int | None = None) -> Completion:
    """The first choice of a chat completion, or of a plain one. Raises RequestFailed for all else.

    `bound` is the most tokens that were asked for, by which an answer without a reason to finish is known
    to be cut.
    """
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        raise _unreadable(f"the answer is not JSON: {_start(body)!r}") from None
    try:
        return _completion(payload, bound)
    except Unlike as unlike:
        why = f" ({unlike})" if str(unlike) else ""
        raise _unreadable(f"not a chat completion{why}: {_start(body)}") from None


def _unreadable(cause: str) -> RequestFailed:
    return RequestFailed("transient", cause, billed=True)


def _start(body: bytes) -> str:
    return without_keys(body[: 10 * ERROR_CHARACTERS].decode(errors="replace"))[:ERROR_CHARACTERS]


def _completion(payload: Any, bound: int | None) -> Completion:
    if not isinstance(payload, dict):
        raise Unlike
    _check_error(payload.get("error") or (payload if payload.get("object") == "error" else None))
    choices = payload.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(choice, dict):
        raise Unlike
    _check_error(choice.get("error"))
    message = _message(choice)
    content = read_content(message.get("content"))
    reasoning = read_reasoning(message.get("reasoning_content") or message.get("reasoning"), content)
    refusal = message.get("refusal") or content.refusal
    prompt, completion, cached, hidden = _token_counts(payload.get("usage"))
    reason = _reason(choice.get("finish_reason"), bool(refusal))
    if reason is None:
        reason = _inferred(content.text, completion, bound)
    if len(content.text) + len(reasoning or "") > TEXT_CHARACTERS:
        raise RequestFailed("permanent", f"the answer has over {TEXT_CHARACTERS} characters", billed=True)
    whole = answer_without_keys(content.text)
    reasoning = None if reasoning is None else answer_without_keys(reasoning)
    text, spoilt = replaced(whole)
    thought, more = replaced(reasoning) if reasoning is not None else (None, 0)
    original = {"text": whole, "reasoning": reasoning} if spoilt + more else None
    said = without_keys(without(refusal))[:REFUSAL_CHARACTERS] if isinstance(refusal, str) else None
    beside = {"original": original, "refusal": said}
    return Completion(
        *(text, thought, reason, prompt, completion, cached, hidden),
        model=_name(payload.get("model")),
        system_fingerprint=_name(payload.get("system_fingerprint")),
        replaced=spoilt + more,
        beside={key: value for key, value in beside.items() if value},
    )


def _message(choice: Json) -> Json:
    """A choice's message; one that was cut or filtered before its first word may have none (Gemini)."""
    message, reason = choice.get("message"), choice.get("finish_reason")
    if message is None and "text" in choice:
        message = {"content": choice["text"]}
    if message is None and isinstance(reason, str) and ending(reason) in ("truncated", "filtered"):
        message = {}
    if not isinstance(message, dict):
        raise Unlike
    return message


def _check_error(error: Any) -> None:
    """Raise what an error stands for; one whose fields are all empty is none."""
    if any(error.values()) if isinstance(error, dict) else error:
        raise error_failure(error)


def _reason(given: Any, refused: bool) -> str | None:
    """The reason to finish where it is a good one; None where there is none. Raises RequestFailed."""
    said = without_keys(str(given.get("message") or "")) if isinstance(given, dict) else None
    if isinstance(given, dict):  # SGLang's own: {"type": "stop", "matched": ...}
        given = given.get("type") or ""
    if given is not None and not isinstance(given, str):
        raise Unlike(f"finish_reason is of type {type(given).__name__}")
    state = ending(given)
    if refused and state in ("finished", "truncated"):
        return "refusal"
    if state != "failed":
        return given
    shown = repr(without_keys(given)[:NAME_CHARACTERS] if given else given)
    cause = f" (finish_reason {shown})" + (f": {said[:ERROR_CHARACTERS]}" if said else "")
    if given and given.strip().lower() == "abort":
        # vLLM answers requests in flight so, with the text cut, when it is told to stop.
        raise RequestFailed("connection", f"the server aborted the request{cause}", billed=True)
    raise _unreadable(f"the server did not finish the answer{cause}")


def _inferred(text: str, completion: int | None, bound: int | None) -> str | None:
    """What stands for no reason to finish: null where a text came whole."""
    if not text.strip():
        raise _unreadable("no text came, and no reason to finish")
    return "length" if bound and completion is not None and completion >= bound else None


def _name(value: Any) -> str | None:
    return without_keys(without(value))[:NAME_CHARACTERS] if isinstance(value, str) and value else None


def _token_counts(usage: Any) -> tuple[int | None, int | None, int, int]:
    """(prompt, completion, cached prompt, hidden) tokens.

    Some APIs leave reasoning out of the completion and count it in the total only: hidden, and paid for.
    """
    usage = usage if isinstance(usage, dict) else {}
    prompt, completion = token_count(usage.get("prompt_tokens")), token_count(usage.get("completion_tokens"))
    details = usage.get("prompt_tokens_details")
    cached = token_count(details.get("cached_tokens")) if isinstance(details, dict) else 0
    hidden = (token_count(usage.get("total_tokens")) or 0) - (prompt or 0) - (completion or 0)
    return prompt, completion, min(cached or 0, prompt or 0), max(hidden, 0)


def token_count(value: Any) -> int | None:
    """A count that a table's column can hold; None for anything else."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    counted = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_TOKENS
    return value if counted else None
