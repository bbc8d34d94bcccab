"""What a model's config.json says: context length, dtype, attention heads, sizes.

Every function takes the parsed config.json, or its text part as `text_part` returns it. The reading
agrees with vLLM 0.32's (`vllm/config/model.py`, `_get_and_verify_max_len`) except where said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Config = Mapping[str, Any]

TEXT_PARTS = ("text_config", "llm_config", "language_config", "thinker_config")
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
HEAD_KEYS = ("num_attention_heads", "n_head", "num_heads", "n_heads")
KV_HEAD_KEYS = ("num_key_value_heads", "n_head_kv", "num_kv_heads", "multi_query_group_num")
LAYER_KEYS = ("num_hidden_layers", "n_layer", "num_layers", "n_layers")
HIDDEN_KEYS = ("hidden_size", "n_embd", "d_model")
EXPERT_KEYS = ("num_experts", "n_routed_experts", "num_local_experts")
# Rotary scalings whose `max_position_embeddings` is already the scaled length.
SCALED_ROPE = frozenset(
    ("su", "longrope", "llama3", "yarn", "deepseek_yarn", "telechat3-yarn", "deepseek_llama_scaling")
)
# One layer in so many attends to everything, where config.json itself doesn't list its layers.
FULL_ATTENTION_EVERY = {"gemma2": 2, "gemma3_text": 6}
DTYPE_BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}


def text_part(config: Config) -> Config:
    """Return the language model's part of a multimodal config.json, else all of it."""
    for key in TEXT_PARTS:
        if isinstance(config.get(key), Mapping):
            return text_part(config[key])
    return config


def with_defaults(text: Config) -> tuple[Config, frozenset[str]]:
    """Add what config.json leaves to transformers' class, when it leaves out length or heads.

    Returns the completed config and the names of the keys added. Some (Gemma 3) say only what
    differs from the class. Without transformers, or for a class it doesn't know, nothing is added.
    """
    complete = any(key in text for key in CONTEXT_KEYS) and any(key in text for key in HEAD_KEYS)
    if complete or not text.get("model_type"):
        return text, frozenset()
    try:
        from transformers import CONFIG_MAPPING
    except ImportError:
        return text, frozenset()
    if text["model_type"] not in CONFIG_MAPPING:
        return text, frozenset()
    defaults = CONFIG_MAPPING[text["model_type"]]().to_dict()
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
    lengths = {key: text[key] for key in CONTEXT_KEYS if isinstance(text.get(key), int)}
    if not lengths:
        return None
    key = min(lengths, key=lambda name: lengths[name])
    if lengths.get("model_max_length"):
        key = "model_max_length"  # Command R states the usable length only there.
    origin = f"transformers' default for {text.get('model_type')}" if key in added else "config.json"
    length, words = lengths[key], f"{origin}: {key}"
    factor = 1.0
    for rope in _rope_parameters(text):
        kind = _rope_type(rope)
        if kind == "yarn":
            length = min(length, _yarn_length(rope, length))
        if kind not in SCALED_ROPE and "gemma3" not in text.get("model_type", ""):
            factor = rope.get("factor") or factor
    if factor != 1:
        words += f", times the factor {factor:g} of its rotary scaling"
    return int(length * factor), words


def _rope_parameters(text: Config) -> Iterator[Config]:
    """Yield each set of rotary parameters; newer files have one a kind of layer, or call it otherwise."""
    found = text.get("rope_parameters") or text.get("rope_scaling")
    if not isinstance(found, Mapping):
        return
    nested = [value for value in found.values() if isinstance(value, Mapping)]
    yield from nested or [found]


def _rope_type(rope: Config) -> str:
    return str(rope.get("rope_type") or rope.get("type") or "default")


def _yarn_length(rope: Config, length: int) -> int:
    original, factor = rope.get("original_max_position_embeddings"), rope.get("factor")
    return int(original * factor) if original and factor else length


def dtype(config: Config) -> str | None:
    """Return the weights' dtype as config.json names it, such as "bfloat16"; None when it doesn't."""
    for part in (config, text_part(config)):
        name = part.get("dtype") or part.get("torch_dtype")
        if isinstance(name, str):
            return name.removeprefix("torch.")
    return None


def quantization(config: Config) -> str | None:
    """Return the name of the method by which the weights are quantized, None when they are not."""
    for part in (config, text_part(config)):
        found = part.get("quantization_config") or part.get("compression_config")
        if isinstance(found, Mapping):
            return str(found.get("quant_method") or "unnamed")
    return None


def attention_heads(text: Config) -> int | None:
    """Return the number of query heads, which tensor parallelism divides."""
    return _integer(text, HEAD_KEYS)


def key_value_heads(text: Config) -> int | None:
    """Return the number of heads over which the KV cache can be divided: 1 where it is compressed."""
    if text.get("kv_lora_rank"):
        return 1
    return _integer(text, KV_HEAD_KEYS) or attention_heads(text)


def kv_cache_bytes(text: Config, tokens: int, element_bytes: int = 2) -> int | None:
    """Return the bytes of KV cache that one sequence of so many tokens takes, over all GPUs.

    2 * heads * head size a token and layer, or rank + rotary size where it is compressed as in
    DeepSeek's; a layer with a sliding window keeps no more than the window. None when config.json
    lacks a number that is needed.
    """
    layers, heads = _integer(text, LAYER_KEYS), key_value_heads(text)
    hidden, queries = _integer(text, HIDDEN_KEYS), attention_heads(text)
    if not layers or not heads or not hidden or not queries:
        return None
    if rank := text.get("kv_lora_rank"):
        return int(layers * (rank + text.get("qk_rope_head_dim", 0)) * element_bytes * tokens)
    head = text.get("head_dim") or hidden // queries
    full = min(_full_attention_layers(text, layers), layers)
    window = min(text.get("sliding_window") or tokens, tokens)
    cached = full * tokens + (layers - full) * window
    return int(2 * heads * head * element_bytes * cached)


def _full_attention_layers(text: Config, layers: int) -> int:
    kinds = text.get("layer_types")
    if isinstance(kinds, list):
        return kinds.count("full_attention")
    if not text.get("sliding_window"):
        return layers
    return layers // FULL_ATTENTION_EVERY.get(text.get("model_type", ""), 1)


def parameters(text: Config) -> int | None:
    """Estimate the number of parameters of a decoder with gated feed-forward layers.

    Within 1% of the published counts of Llama 3.1, Qwen 3, Mixtral and DeepSeek-V3 (without its
    extra prediction layer); biases and norms are left out. None when config.json lacks a number.
    """
    layers, hidden = _integer(text, LAYER_KEYS), _integer(text, HIDDEN_KEYS)
    vocabulary, attention = text.get("vocab_size"), _attention_parameters(text)
    inner = text.get("intermediate_size")
    if not layers or not hidden or not vocabulary or not attention or not inner:
        return None
    experts = _integer(text, EXPERT_KEYS) or 0
    dense = int(text.get("first_k_dense_replace") or 0) if experts else layers
    each = text.get("moe_intermediate_size") or inner
    mixture = 3 * hidden * each * (experts + int(text.get("n_shared_experts") or 0)) + hidden * experts
    embeddings = vocabulary * hidden * (1 if text.get("tie_word_embeddings") else 2)
    return int(
        embeddings + layers * attention + dense * 3 * hidden * inner + (layers - dense) * mixture,
    )


def _attention_parameters(text: Config) -> int | None:
    hidden, heads, kv_heads = _integer(text, HIDDEN_KEYS), attention_heads(text), key_value_heads(text)
    if not hidden or not heads or not kv_heads:
        return None
    head = text.get("head_dim") or hidden // heads
    if not (rank := text.get("kv_lora_rank")):
        return int(2 * hidden * head * (heads + kv_heads))
    rotary, value = text.get("qk_rope_head_dim", 0), text.get("v_head_dim", head)
    query = text.get("qk_nope_head_dim", head) + rotary
    low = text.get("q_lora_rank")
    queries = low * (hidden + heads * query) if low else hidden * heads * query
    keys = hidden * (rank + rotary) + rank * heads * (query - rotary + value)
    return int(queries + keys + heads * value * hidden)


def _integer(text: Config, keys: tuple[str, ...]) -> int | None:
    return next((int(text[key]) for key in keys if isinstance(text.get(key), int)), None)
