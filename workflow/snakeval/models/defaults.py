"""The sampling defaults that a model brings along, as far as its engine takes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from snakeval.models.dialects import dialect_of
from snakeval.models.draft import Draft
from snakeval.models.refused import refused
from snakeval.models.values import number

if TYPE_CHECKING:
    from snakeval.schema import Model

GENERATION_KEYS = ("temperature", "top_p", "top_k", "min_p", "repetition_penalty")


class InferError(ValueError):
    """A serving config can't be inferred; the message names the model's file and the key to set."""


def check_sampling(draft: Draft, sampling: Mapping[str, Any], model: Model) -> None:
    """Refuse a default of the model's own that its file leaves as it is and no request could be sent with."""
    for key, why in refused(sampling, model.env, dialect_of(model.engine)).items():
        if getattr(model.sampling, key) is None and key not in model.extra_body:
            message = f"generation_config.json: {key} {why}: set sampling.{key} in the model's file"
            raise InferError(f"{draft.source}: {message}")


def own_sampling(draft: Draft, generation: Mapping[str, Any] | None) -> dict[str, Any]:
    """The model's own sampling defaults, from generation_config.json.

    As vLLM's `--generation-config auto` does, the values are taken whatever `do_sample` says: false
    does not mean temperature 0, and a temperature that nobody states is the server's 1.0. Its
    `max_new_tokens` is left out, because max_tokens follows from the context length. What the model's file
    sets is not here: it goes into the requests, so that a new temperature leaves this file as it is.
    """
    sampling: dict[str, Any] = {}
    for key in GENERATION_KEYS:
        value = (generation or {}).get(key)
        if not isinstance(value, str) and number(value) is not None:
            sampling[key] = value
            draft.provenance[f"sampling.{key}"] = f"generation_config.json: {key}"
    return sampling
