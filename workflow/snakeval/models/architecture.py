"""What a model's config.json says: context length, dtype, quantization; heads, cache and sizes.

Every function takes the parsed config.json, or its text part as `text_part` returns it, of whatever shape.
The reading agrees with vLLM 0.32's (`vllm/config/model.py`, `_get_and_verify_max_len`) except where said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from snakeval.models.attention import HEAD_KEYS, attention_heads, key_value_heads, kv_cache_bytes
from snakeval.models.parameters import parameters
from snakeval.models.towers import TEXT_PARTS, tower_parameters
from snakeval.models.values import Config, integer, number, part, truth, word

__all__ = [
    "CONTEXT_KEYS",
    "DTYPE_BYTES",
    "attention_heads",
    "context_length",
    "dtype",
    "key_value_heads",
    "kv_cache_bytes",
    "parameters",
    "quantization",
    "text_part",
    "tower_parameters",
    "with_defaults",
]

CONTEXT_KEYS = (
    "max_position_embeddings",
    "n_positions",
    "max_seq_len",
    "seq_length",
    "model_max_length",
    "max_target_positions",
    "max_sequence_length",
    "max_seq_length",
    "seq_len",
    "n_ctx",
)
# Rotary scalings whose `max_position_embeddings` is already the scaled length.
SCALED_ROPE = frozenset(
    ("su", "longrope", "llama3", "yarn", "deepseek_yarn", "telechat3-yarn", "deepseek_llama_scaling")
)
DTYPE_BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}


def text_part(config: Config) -> Config:
    """Return the language model's part of a multimodal config.json, else all of it."""
    found = part(config, *TEXT_PARTS)
    if not found:
        return config
    # Some say only of the whole whether embeddings and output are one matrix, and that counts.
    tied = truth(config, "tie_word_embeddings")
    return text_part(found if tied is None else {**found, "tie_word_embeddings": tied})


def with_defaults(text: Config) -> tuple[Config, frozenset[str]]:
    """Add what config.json leaves to transformers' class, when it leaves out length or heads.

    Returns the completed config and the names of the keys added. Some (Gemma 3) say only what
    differs from the class. Without transformers, or for a class it doesn't know, nothing is added.
    """
    kind = word(text, "model_type")
    if kind is None or all(integer(text, *keys) is not None for keys in (CONTEXT_KEYS, HEAD_KEYS)):
        return text, frozenset()
    defaults: dict[str, Any] = {}
    # A class may want what this config.json has not, and transformers may be broken: then nothing is known.
    with suppress(Exception):
        from transformers import CONFIG_MAPPING

        if kind in CONFIG_MAPPING:
            defaults = CONFIG_MAPPING[kind]().to_dict()
    # Lists, such as the kinds of the layers, are made for the default number of layers.
    added = {key: value for key, value in defaults.items() if key not in text and _is_scalar(value)}
    return {**text, **added}, frozenset(added)


def _is_scalar(value: object) -> bool:
    return isinstance(value, (bool, int, float, str))


def context_length(text: Config, added: frozenset[str] = frozenset()) -> tuple[int, str] | None:
    """Return the longest prompt plus answer, in tokens, and the words that say where it came from.

    The smallest of the known keys, times the factor of a linear or dynamic rotary scaling; llama3,
    longrope and yarn state the scaled length already, and so does Gemma 3. Two choices are ours:
    - yarn is also held to original_max_position_embeddings * factor, which vLLM up to 0.31 takes
      as its limit, so that both accept the length;
    - longrope gives the whole length, where vLLM alone would serve only the original one. The long
      factors then apply to short prompts too; set `context_length` to the original length otherwise.
    `added` names the keys that `with_defaults` added. None when no key is known.
    """
    lengths = {key: found for key in CONTEXT_KEYS if (found := integer(text, key))}
    if not lengths:
        return None
    key = min(lengths, key=lambda name: lengths[name])
    if "model_max_length" in lengths:
        key = "model_max_length"  # Command R states the usable length only there.
    kind = word(text, "model_type") or ""
    origin = f"transformers' default for {kind}" if key in added else "config.json"
    length, words = lengths[key], f"{origin}: {key}"
    factor = 1.0
    for rope in _rope_parameters(text):
        scaling = word(rope, "rope_type", "type") or "default"
        if scaling == "yarn":
            length = min(length, _yarn_length(rope, length))
        if scaling not in SCALED_ROPE and "gemma3" not in kind:
            factor = _positive(rope, "factor") or factor
    if factor != 1:
        words += f", times the factor {factor:g} of its rotary scaling"
    return max(1, int(length * factor)), words


def _rope_parameters(text: Config) -> Iterator[Config]:
    """Yield each set of rotary parameters; newer files have one a kind of layer, or call it otherwise."""
    found = part(text, "rope_parameters") or part(text, "rope_scaling")
    nested = [value for value in found.values() if isinstance(value, Mapping)]
    yield from nested or [found]


def _yarn_length(rope: Config, length: int) -> int:
    original, factor = integer(rope, "original_max_position_embeddings"), _positive(rope, "factor")
    return int(original * factor) if original and factor else length


def _positive(rope: Config, key: str) -> float | None:
    found = number(rope.get(key))
    return found if found is not None and found > 0 else None


def dtype(config: Config) -> str | None:
    """Return the weights' dtype as config.json names it, such as "bfloat16"; None when it doesn't."""
    for each in (config, text_part(config)):
        if name := word(each, "dtype", "torch_dtype"):
            return name.removeprefix("torch.")
    return None


def quantization(config: Config) -> str | None:
    """Return the name of the method by which the weights are quantized, None when they are not."""
    for each in (config, text_part(config)):
        if found := part(each, "quantization_config", "compression_config"):
            return word(found, "quant_method") or "unnamed"
    return None
