"""Separate a model's reasoning from its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snakeval.config.schema import Reasoning


def separate(text: str, reasoning: Reasoning, server_reasoning: str | None = None) -> str | None:
    """The answer in a model's text: what stands after the last end delimiter.

    None where a block of reasoning was opened and not closed. A text with neither delimiter is all answer;
    so is a text whose reasoning the server has taken out already (`server_reasoning` is its field, which
    may be empty, or None where the server has none).
    """
    if server_reasoning is not None:
        return text
    _, _, answer = text.rpartition(reasoning.end)
    if reasoning.start is not None and reasoning.start in answer:
        return None
    return answer
