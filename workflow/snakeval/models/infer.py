"""Model -> serving config: lengths, dtype, parallelism, sampling, reasoning, inferred from its files."""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from snakeval.models import architecture
from snakeval.models.defaults import InferError, check_sampling, own_sampling
from snakeval.models.draft import Draft
from snakeval.models.files import ModelFiles, ModelFilesError, resolve
from snakeval.models.marks import UNKNOWN, Marks, infer_marks
from snakeval.models.names import is_s3, local_folder
from snakeval.models.placement import PlacementError, cut_to_fit
from snakeval.models.serving_config import (
    SET_IN,
    SIZES,
    ServingConfig,
    read_serving_config,
    write_serving_config,
)
from snakeval.models.sizes import add_cache, add_sizes, cache_of
from snakeval.models.values import Config

if TYPE_CHECKING:
    from snakeval.schema import Gpus, Model

log = logging.getLogger(__name__)

__all__ = ["InferError", "ServingConfig", "default_margin", "infer", "infer_config", "read_serving_config"]

MARGIN_SHARE = 8
SMALLEST_MARGIN = 512
LARGEST_MARGIN = 32768
# Kept for the prompt where max_tokens is set: a short answer is no reason for a short context.
MARGIN_BESIDE_ANSWER = 4096
SMALLEST_ANSWER = 256


def infer(
    model: Model, files: ModelFiles | None, gpus: Gpus, source: str = "the model's file", root: Path = Path()
) -> ServingConfig:
    """Infer a serving config; what `model`, read from the file `source`, sets is taken as it is.

    A chat template that the file names is looked for relative to `root`.

    `files` is None for a model that somebody else serves: only what was set is known then.
    Raises InferError when a needed value can't be inferred, or what was set contradicts itself.
    """
    draft = Draft(model, source)
    if files is None:
        draft.add("resolved_revision", model.revision, f"{SET_IN}{source}")
        _add_marks(draft, Marks(UNKNOWN, dict.fromkeys(UNKNOWN, "unknown: somebody else serves the model")))
        return draft.finish(own_sampling(draft, None))
    draft.add("resolved_revision", files.resolved_revision, f"inferred: {files.origin}")
    where = files.chat_template if files.template is None else files.path.name
    draft.add("chat_template", files.chat_template, f"{where}")
    text, added = architecture.with_defaults(architecture.text_part(files.config))
    add_sizes(draft, files, text)
    if served_here(model):
        _add_context(draft, text, added, model, gpus)
        _add_lengths(draft)
    else:
        _add_known_lengths(draft, architecture.context_length(text, added))
    add_cache(draft, text, windows=gpus.per_node > 0)
    if served_here(model):
        _add_placement(draft, model, gpus)
    marks = infer_marks(model, files, root)
    _add_marks(draft, marks)
    sampling = own_sampling(draft, files.generation_config)
    if served_here(model):
        check_sampling(draft, sampling, model)
    if files.path.is_file():  # GGUF says in one file what others say in config.json
        origins = draft.provenance.items()
        draft.provenance = {key: text.replace("config.json", files.path.name) for key, text in origins}
    if marks.dropped:
        sampling["skip_special_tokens"] = False
        draft.provenance["sampling.skip_special_tokens"] = f"inferred: {marks.dropped} marks reasoning"
    return draft.finish(sampling)


def infer_config(slug: str, model: Model, gpus: Gpus, output: Path, root: Path = Path()) -> ServingConfig:
    """Find the files of the model named `slug`, infer its serving config and write it to `output`.

    A model that is a folder is looked for relative to `root`. Raises InferError.
    """
    config = inferred(slug, model, gpus, root)
    write_serving_config(output, config)
    return config


def inferred(slug: str, model: Model, gpus: Gpus, root: Path = Path()) -> ServingConfig:
    """The serving config that `infer_config` writes. Raises InferError."""
    source = f"config/models ({slug})"
    if is_s3(model.model):
        if not (root / local_folder(slug)).is_dir():
            raise InferError(f"{source}: {model.model} has not been fetched yet")
        model = model.model_copy(update={"model": local_folder(slug), "revision": None})
    try:
        files = resolve(model, root)
    except ModelFilesError as error:
        if served_here(model):
            raise InferError(f"{source}: {error}") from error
        log.warning("%s: %s; nothing is inferred of it", source, error)
        files = None
    return infer(model, files, gpus, source, root)


def served_here(model: Model) -> bool:
    """Whether the workflow starts the model's server; otherwise what is inferred only informs."""
    return model.engine != "external" and not model.hosted


def default_margin(context: int) -> int:
    """Return the tokens of a context kept for the prompt: an eighth, at least 512 and at most 32768.

    From a context of 32768 on an eighth is 4096 or more. At least 256 tokens are left for the answer, so a
    context under 768 has a smaller margin (512: 256), down to a single token. Where a prompt is longer, its
    answer may be shorter by as much (`snakeval.asking.lengths`).
    """
    return _margin(context, SMALLEST_MARGIN)


def _margin(context: int, smallest: int) -> int:
    wanted = min(max(context // MARGIN_SHARE, smallest), LARGEST_MARGIN)
    return max(1, min(wanted, context - SMALLEST_ANSWER))


def _add_context(draft: Draft, text: Config, added: frozenset[str], model: Model, gpus: Gpus) -> None:
    """The context length; one that no node can hold is cut to what fits beside the weights."""
    found = architecture.context_length(text, added)
    if found is None or draft.get("context_length"):
        return
    weights, heads = draft.get("weight_bytes"), draft.get("num_attention_heads")
    trial = draft.copy()
    trial.add("context_length", *found)
    with suppress(InferError):
        _add_lengths(trial)
    asked = trial.get("max_model_len")
    fitting = None
    if asked and weights and gpus.per_node:
        fitting = cut_to_fit(
            weights,
            heads,
            gpus,
            lambda tokens: cache_of(draft, text, tokens),
            asked,
            num_key_value_heads=draft.get("num_key_value_heads"),
            **{key: getattr(model, key) for key in SIZES if key != "data_parallel_size"},
        )
    least = (draft.get("max_tokens") or 1) + (draft.get("prompt_margin") or 1)
    if fitting is None or fitting < least:
        draft.add("context_length", *found)
        return
    words = (
        f"inferred: cut from {found[0]} ({found[1]}) to what fits beside the weights on GPUs of "
        f"{gpus.memory_gib:g} GiB, {gpus.per_node} a node; 'nodes' takes more, context_length sets it"
    )
    log.warning("%s: context_length %d, %s", draft.source, fitting, words)
    draft.add("context_length", fitting, words)


def _add_known_lengths(draft: Draft, found: tuple[int, str] | None) -> None:
    """Lengths of a server that somebody else runs: what is inferred is left out where it contradicts."""
    if found is None and not draft.get("context_length"):
        return
    trial = draft.copy()
    trial.add("context_length", *(found or (None, "")))
    try:
        _add_lengths(trial)
    except InferError:
        if draft.get("context_length"):
            raise
        return
    draft.values, draft.provenance = trial.values, trial.provenance


def _add_lengths(draft: Draft) -> None:
    context, margin, tokens = (draft.get(key) for key in ("context_length", "prompt_margin", "max_tokens"))
    if context is None:
        raise InferError(
            f"{draft.source}: config.json states no context length "
            f"({', '.join(architecture.CONTEXT_KEYS)}): set context_length"
        )
    if margin is None:
        margin = _margin(context, MARGIN_BESIDE_ANSWER) if tokens else default_margin(context)
        margin = min(margin, context - (tokens or 1))
    if tokens is None:
        tokens = context - margin
    if margin < 1 or tokens < 1 or margin + tokens > context:
        raise InferError(
            f"{draft.source}: prompt_margin {margin} and max_tokens {tokens} must each be at least 1 "
            f"and together at most context_length, {context} ({draft.provenance['context_length']})"
        )
    least = SMALLEST_MARGIN if context < LARGEST_MARGIN and draft.get("max_tokens") is None else 4096
    words = f"inferred: context_length / 8, within {least} and 32768, with room to answer"
    draft.add("prompt_margin", margin, words)
    draft.add("max_tokens", tokens, "inferred: context_length - prompt_margin")
    draft.add("max_model_len", margin + tokens, "inferred: prompt_margin + max_tokens")


def _add_marks(draft: Draft, marks: Marks) -> None:
    """As with sampling, what the model's file sets is not here: it is joined to this where texts are read."""
    draft.reasoning = dict(marks.values)
    draft.provenance |= {f"reasoning.{key}": origin for key, origin in marks.origins.items()}


def _add_placement(draft: Draft, model: Model, gpus: Gpus) -> None:
    try:
        placed = draft.finish({}).place(gpus, {key: getattr(model, key) for key in SIZES})
        if model.engine == "sglang" and placed.nodes > 1 and placed.data_parallel_size > 1:
            raise PlacementError("nodes: SGLang has one copy over several: set data_parallel_size to 1")
    except PlacementError as error:
        raise InferError(f"{draft.source}: {error}") from error
    words = f"inferred: {gpus.per_node} GPUs a node of {gpus.memory_gib:g} GiB"
    if draft.get("weight_bytes") is None:
        words += ", weights of unknown size"
    words = words if gpus.per_node else "inferred: no GPU"
    draft.add("tensor_parallel_size", placed.tensor_parallel_size, words)
    draft.add("pipeline_parallel_size", placed.pipeline_parallel_size, words)
    draft.add("data_parallel_size", placed.data_parallel_size, words)
    draft.add("nodes", placed.nodes, words)
