"""What a message holds: a text, or parts of several types, and the server's own reasoning."""

from __future__ import annotations

from typing import Any, NamedTuple

# Parts of a content that hold no text for us: Mistral's citations, Anthropic's encrypted reasoning.
SILENT_PARTS = frozenset({"reference", "redacted_thinking"})
TYPE_CHARACTERS = 200
THOUGHT_PARTS = frozenset({"thinking", "reasoning"})
TEXT_PARTS = frozenset({"text", "output_text"})


class Unlike(Exception):
    """Not what a completion has there; the text says what."""


class Content(NamedTuple):
    """A message's text, and the reasoning and the refusal that its parts hold, None where they hold none."""

    text: str
    reasoning: str | None = None
    refusal: str | None = None


def read_content(value: Any) -> Content:
    """A message's content: a text, or parts of several types (Mistral's, Anthropic's, OpenAI's)."""
    if value is None or isinstance(value, str):
        return Content(value or "")
    parts = [value] if isinstance(value, dict) else value
    if not isinstance(parts, list):
        raise Unlike(f"'content' is of type {type(value).__name__}")
    texts: list[str] = []
    thoughts: list[str] = []
    refusals: list[str] = []
    for part in parts:
        kind = part.get("type", "text") if isinstance(part, dict) else None
        if isinstance(part, str):
            texts.append(part)
        elif not isinstance(kind, str):
            raise Unlike("a part of 'content' has no type")
        elif kind in SILENT_PARTS:
            continue
        elif kind in THOUGHT_PARTS:
            thoughts.append(_flat(part, (*THOUGHT_PARTS, "text", "content", "summary")))
        elif kind == "refusal":
            refusals.append(_flat(part, ("refusal", "text")))
        elif kind in TEXT_PARTS:
            texts.append(_flat(part, ("text",)))
        else:
            raise Unlike(f"a part of 'content' is of type {kind[:TYPE_CHARACTERS]!r}")
    return Content("".join(texts), "".join(thoughts) if thoughts else None, "".join(refusals) or None)


def _flat(part: Any, keys: tuple[str, ...]) -> str:
    """The text of a part, below the first of `keys` that it has; it may itself be a list of parts."""
    if isinstance(part, dict):
        part = next((part[key] for key in keys if part.get(key) is not None), None)
    if isinstance(part, str):
        return part
    inner: list[Any] = [None]
    if isinstance(part, list):
        inner = [one.get("text") if isinstance(one, dict) else one for one in part]
    if not all(isinstance(one, str) for one in inner):
        raise Unlike("a part of it holds no text")
    return "".join(inner)


def read_reasoning(value: Any, content: Content) -> str | None:
    """The server's own reasoning: of its field, or of the parts; None where it has neither."""
    if not value:
        return "" if value == "" and content.reasoning is None else content.reasoning
    return _flat(value, ("text", "content", "reasoning", "summary"))
