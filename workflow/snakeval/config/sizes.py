"""Whether what a model's file says of sizes fits together: GPUs and nodes, tokens."""

from __future__ import annotations

from collections.abc import Callable

from snakeval.config.errors import as_far_as_right
from snakeval.models.placement import PlacementError, placement
from snakeval.models.serving_config import SIZES
from snakeval.schema import Gpus, Model

Add = Callable[[str, str], None]


@as_far_as_right
def check_placement(model: Model, gpus: Gpus, add: Add) -> None:
    """Note a number of GPUs or nodes that nothing can be divided over."""
    sizes = {key: getattr(model, key) for key in SIZES}
    try:
        placement(None, None, gpus, **sizes)
    except PlacementError as error:
        key, _, message = str(error).partition(": ")
        add(key, message)


@as_far_as_right
def check_lengths(model: Model, add: Add) -> None:
    """Note a prompt and an answer that are longer together than the context."""
    wanted = {key: getattr(model, key) or 0 for key in ("prompt_margin", "max_tokens")}
    if model.context_length is not None and sum(wanted.values()) > model.context_length:
        words = " + ".join(f"{key} {value}" for key, value in wanted.items() if value)
        add("context_length", f"is {model.context_length}, but {words} is more")
