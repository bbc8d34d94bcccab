"""How an answer ended, by the reason to finish that its server gives: the lists that all counting goes by.

Each API has words of its own: OpenAI's and vLLM's `stop` and `length`, TGI's `eos_token`, Anthropic's
`end_turn`, Cohere's `COMPLETE`, Mistral's `model_length`, Gemini's `SAFETY`, Zhipu's `sensitive`, Bedrock's
`guardrail_intervened`. Letters' case does not count. What is in no list is a failure: half a text that a
server gave up on must never be graded as if it were whole.
"""

from __future__ import annotations

from typing import Literal

Ending = Literal["finished", "truncated", "filtered", "failed"]

FINISHED = frozenset({"stop", "eos", "eos_token", "stop_sequence", "end_turn", "complete"})
TRUNCATED = frozenset(
    {
        "length",
        "max_tokens",
        "max_output_tokens",
        "max_completion_tokens",
        "model_length",
        "model_context_window_exceeded",
        "token_limit",
    }
)
FILTERED = frozenset(
    {
        "content_filter",
        "content_filtered",
        "guardrail_intervened",
        "refusal",
        "safety",
        "image_safety",
        "recitation",
        "sensitive",
        "blocklist",
        "prohibited_content",
        "spii",
        "error_toxic",
    }
)
# Ends the error of a request whose prompt a filter refused: there is no answer, and never will be.
REFUSED_BY_FILTER = " (refused by a filter)"


def ending(reason: str | None) -> Ending:
    """How an answer with this reason to finish ended; none, where it came whole or was recorded, is good."""
    word = "stop" if reason is None else reason.strip().lower().replace("-", "_")
    if word in FINISHED:
        return "finished"
    if word in TRUNCATED:
        return "truncated"
    # Gemini's compatible endpoint says which filter: "content_filter: PROHIBITED_CONTENT".
    return "filtered" if word.partition(":")[0].rstrip() in FILTERED else "failed"


def withheld(reason: str | None, error: str | None) -> bool:
    """Whether a provider's filter, not the model, decided that there is no whole answer."""
    return error.endswith(REFUSED_BY_FILTER) if error is not None else ending(reason) == "filtered"
