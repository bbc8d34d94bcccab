"""Separate a model's reasoning from its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snakeval.answers.finish import ending

if TYPE_CHECKING:
    from snakeval.schema import Reasoning


def separate(text: str, reasoning: Reasoning, server_reasoning: str | None = None) -> str | None:
    """The answer in a model's text: what stands after the last of the end delimiters.

    None where a block of reasoning was opened and not closed: by one of the start delimiters or, where the
    chat template opens it (`prefilled`), before the text begins. A text without delimiters is all answer
    otherwise; so is a text whose reasoning the server has taken out already (`server_reasoning` is its
    field, which may be empty, or None where the server has none).
    """
    if server_reasoning is not None:
        return text
    closed = max((text.rfind(end) + len(end) for end in _several(reasoning.end) if end in text), default=None)
    if closed is None and reasoning.prefilled:
        return None
    answer = text[closed:]
    return None if any(start in answer for start in _several(reasoning.start)) else answer


def unclosed_at_server(text: str, server_reasoning: str | None, finish_reason: str | None) -> bool:
    """Whether a server that takes reasoning out was cut before the answer began."""
    return not text.strip() and bool(server_reasoning) and ending(finish_reason) == "truncated"


def _several(delimiters: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return (delimiters,) if isinstance(delimiters, str) else delimiters or ()
