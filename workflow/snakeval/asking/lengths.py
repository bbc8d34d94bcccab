"""Room for a prompt that is longer than the margin kept for prompts: its answer may be shorter by as much.

vLLM refuses a request whose prompt and max_tokens are more than the context. The margin is inferred without
the prompts being known; where one is longer, the request asks for what is left. No identity changes by it:
what is left follows from the prompt, the model and its context, which are in the request's digest already.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from snakeval.asking.request import Request
from snakeval.config import Model
from snakeval.models.prompt_tokens import counter
from snakeval.models.serving_config import ServingConfig

log = logging.getLogger(__name__)
Fit = Callable[[Request], Request]
# A token is a byte of text at least; so much a template may add besides its own text: dates, roles.
TEMPLATE_BYTES = 8192


def as_is(request: Request) -> Request:
    """A request that needs no room."""
    return request


def fitting(model: Model, serving: ServingConfig, root: Path = Path()) -> Fit:
    """Requests of a model with what their prompts leave of the context, where max_tokens was inferred.

    What anybody has set stands. A prompt that leaves nothing is sent as it is, for the server to refuse.
    """
    context, margin, inferred = serving.max_model_len, serving.prompt_margin, serving.max_tokens
    ours = serving.provenance.get("max_tokens", "").startswith("inferred")
    if context is None or margin is None or inferred is None or not ours:
        return as_is
    kwargs = model.extra_body.get("chat_template_kwargs")
    count = None
    measured = False

    def fit(request: Request) -> Request:
        nonlocal count, measured
        body = request.body
        if body.get("max_tokens") != inferred or body.get("max_completion_tokens") is not None:
            return request
        size = sum(len(message["content"].encode()) for message in request.messages)
        if size + TEMPLATE_BYTES <= margin:
            return request
        if not measured:  # most benchmarks have no long prompt: nothing is loaded for them
            variables = kwargs if isinstance(kwargs, dict) else {}
            count, measured = counter(serving, model.chat_template, variables, root), True
        tokens = count(request.messages) if count else None
        if tokens is None or tokens <= margin or tokens >= context:
            return request
        log.info(
            "%s: its prompt takes %d tokens, so its answer %d", request.problem_id, tokens, context - tokens
        )
        return replace(request, body={**body, "max_tokens": context - tokens})

    return fit
