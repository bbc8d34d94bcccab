"""The harness' client, but a text ends where its task says, however many ends that are.

A server takes a few stop strings only (vLLM and OpenAI four). The harness' client sends all of them on the
completions endpoint, which is answered with an error, and in chats leaves out the fifth and those after it.
Here the first are sent, and each answer is cut at whichever of all stands first in it. A key that a server
echoes is taken out of it, before the harness keeps it in its cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from snakeval.system.keys import answer_without_keys


def ends(until: object, eos: str | None = None) -> list[str]:
    """A task's stop strings, each once and none empty; then `eos`, which ends a text in any case."""
    given = [until] if isinstance(until, str) else until if isinstance(until, Sequence) else []
    return list(dict.fromkeys(text for text in (*given, eos) if isinstance(text, str) and text))


def cut(text: str, stops: Sequence[str]) -> str:
    """What stands before the first stop string in a text."""
    return text[: min((at for stop in stops if (at := text.find(stop)) >= 0), default=len(text))]


def cutting(client: type[Any], most: int) -> type[Any]:
    """A class of the harness' clients that sends `most` stop strings at most and cuts texts at all."""

    def kept(text: str, stops: Sequence[str]) -> str:
        return answer_without_keys(cut(text, stops) if len(stops) > most else text)

    class Cutting(client):  # type: ignore[misc]
        def _create_payload(self, messages: Any, generate: bool = False, **others: Any) -> dict[str, Any]:
            stops = ends((others.get("gen_kwargs") or {}).get("until"), others.get("eos"))
            payload: dict[str, Any] = super()._create_payload(messages, generate=generate, **others)
            return {**payload, "stop": stops[:most]} if generate else payload

        def model_call(self, messages: Any, **others: Any) -> Any:
            """One request at a time: the whole answer of the server."""
            stops = ends((others.get("gen_kwargs") or {}).get("until"))
            outputs = super().model_call(messages, **others)
            for choice in (outputs or {}).get("choices") or () if others.get("generate", True) else ():
                holder, key = (choice, "text") if "text" in choice else (choice["message"], "content")
                holder[key] = None if holder[key] is None else kept(holder[key], stops)
            return outputs

        async def amodel_call(self, *args: Any, cache_keys: Any = None, **others: Any) -> Any:
            """Several at a time: the texts, which are put into the harness' cache as they come."""
            stops = ends((others.get("gen_kwargs") or {}).get("until"))
            if not others.get("generate", True):
                return await super().amodel_call(*args, cache_keys=cache_keys, **others)
            texts = await super().amodel_call(*args, cache_keys=None, **others)
            texts = texts and [kept(text, stops) for text in texts]
            for text, key in zip(texts or (), cache_keys or (), strict=False):
                self.cache_hook.add_partial("generate_until", key, text)
            return texts

    return Cutting
