"""The heads of a layer's attention, and what the KV cache holds of them."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

from snakeval.models.layers import Layer, layers_of, window_of
from snakeval.models.values import Config, integer, part, truth, word

HEAD_KEYS = ("num_attention_heads", "n_head", "num_heads", "n_heads", "num_query_heads", "attention_heads")
KV_HEAD_KEYS = (
    "n_head_kv",
    "num_kv_heads",
    "num_key_value_heads",
    "multi_query_group_num",
    "num_attention_groups",
)
HIDDEN_KEYS = ("hidden_size", "n_embd", "d_model", "dim")
HEAD_SIZE_KEYS = ("head_dim", "attention_head_dim", "hidden_size_per_head", "kv_channels", "d_kv")
# These have the ranks of compressed keys and values, and vLLM caches what is made of them.
EXPANDED = ("minicpm3",)
# Falcon's and GPT-BigCode's flag for one KV head for all query heads, and what overrules Falcon's.
MULTI_QUERY, NOT_MULTI_QUERY = "multi_query", "new_decoder_architecture"
# vLLM keeps the indexer's keys of sparse attention as bytes with one scale of 4 bytes for 128 of them.
INDEX_BLOCK, INDEX_SCALE = 128, 4
# DeepSeek-V4 selects among what is merged by 4; what is merged by 128 is attended to as a whole.
INDEXED_RATE = 4


@dataclass(frozen=True, slots=True)
class Heads:
    """Query and KV heads, and the sizes of a query (as of a key) and of a value."""

    queries: int
    kv: int
    size: int
    value: int


def heads_of(config: Config) -> Heads | None:
    """The heads of one layer, as its own config says; None where a number is missing."""
    queries, hidden = integer(config, *HEAD_KEYS), integer(config, *HIDDEN_KEYS)
    if not queries:
        return None
    size = integer(config, *HEAD_SIZE_KEYS) or (hidden or 0) // queries
    value = integer(config, "v_head_dim")
    if nope := integer(config, "qk_nope_head_dim"):
        size = nope + (integer(config, "qk_rope_head_dim") or 0)
    return Heads(queries, _kv(config, queries), size, value or size) if size else None


def _kv(config: Config, queries: int) -> int:
    if truth(config, MULTI_QUERY) and not truth(config, NOT_MULTI_QUERY):
        return 1
    if truth(config, "multi_query_attention") is False:
        return queries
    return integer(config, *KV_HEAD_KEYS) or integer(part(config, "attn_config"), "kv_n_heads") or queries


def rank_of(config: Config) -> int | None:
    """The size of the compressed keys and values (MLA) that the cache holds instead of heads."""
    if (word(config, "model_type") or "") in EXPANDED:
        return None
    return integer(config, "kv_lora_rank") or None


def attention_heads(text: Config) -> int | None:
    """Return the number of query heads, which tensor parallelism divides."""
    found = {
        heads.queries for layer in layers_of(text) if layer.attends and (heads := heads_of(layer.config))
    }
    return gcd(*found) if found else integer(text, *HEAD_KEYS) or None


def key_value_heads(text: Config) -> int | None:
    """Return the number of heads over which the KV cache can be divided: 1 where it is compressed."""
    if rank_of(text):
        return 1
    found = {heads.kv for layer in layers_of(text) if layer.attends and (heads := heads_of(layer.config))}
    queries = integer(text, *HEAD_KEYS)
    return gcd(*found) if found else _kv(text, queries) if queries else None


def kv_cache_bytes(text: Config, tokens: int, element_bytes: int = 2, *, windows: bool = True) -> int | None:
    """Return the bytes of KV cache that one sequence of so many tokens takes, over all GPUs.

    KV heads * (key size + value size) a token and layer with attention, or rank + rotary size where it is
    compressed as in DeepSeek's; a layer with a sliding window keeps no more than the window, unless
    `windows` is false, as on the CPU; recurrent states, which do not grow, are left out. So does vLLM 0.32
    (`vllm/v1/kv_cache_interface.py`) count a layer's pages. None when config.json lacks a number that is
    needed.
    """
    layers = layers_of(text)
    attending = [layer for layer in layers if layer.attends]
    # The last of them read what the ones before have kept (Gemma 3n), or each first of several keeps.
    shared = min(integer(text, "num_kv_shared_layers") or 0, len(layers))
    attending = [layer for layer in layers[: len(layers) - shared] if layer.attends]
    if truth(text, "use_cla"):
        attending = attending[:: integer(text, "cla_share_factor") or 1]
    found = [_layer_bytes(layer, tokens, element_bytes, windows) for layer in attending]
    total = [each for each in found if each is not None]
    twice = 2 if word(text, "model_type") == "longcat_flash" else 1  # attentions a layer
    return twice * sum(total) if layers and len(total) == len(found) else None


def _layer_bytes(layer: Layer, tokens: int, element_bytes: int, windows: bool) -> int | None:
    config = layer.config
    window = min(window_of(config) or tokens, tokens)
    kept = window if windows and layer.mixer == "window" else tokens
    if (rate := _rate(config)) is not None:
        return _merged_bytes(config, window, tokens, rate)
    if rank := rank_of(config):
        rotary = integer(config, "qk_rope_head_dim") or 0
        return kept * ((rank + rotary) * element_bytes + _index_bytes(config))
    heads = heads_of(config)
    if heads is None:
        return None
    value = heads.size if word(config, "model_type") in EXPANDED else heads.value  # vLLM pads it
    return kept * heads.kv * (heads.size + value) * element_bytes


def _rate(config: Config) -> int | None:
    """How many tokens DeepSeek-V4 merges into one entry of the cache; 0 for a window alone."""
    found = integer(config, "compress_ratios")
    return (
        found
        if found is not None
        else integer(part(config, "compress_rates"), str(config.get("layer_types")))
    )


def _merged_bytes(config: Config, window: int, tokens: int, rate: int) -> int:
    """vLLM's cache of DeepSeek-V4: 8 bits a value, 16 where it is rotated, one scale for 64."""
    size, rotary = integer(config, "head_dim") or 0, integer(config, "qk_rope_head_dim") or 0
    merged = tokens // rate if rate else 0
    index = _index_bytes(config) if 0 < rate <= INDEXED_RATE else 0
    return (window + merged) * (size + rotary + size // 64) + merged * index


def _index_bytes(config: Config) -> int:
    """Bytes a token of the keys that sparse attention selects by (DeepSeek-V3.2)."""
    if (size := integer(config, "index_head_dim")) is None or config.get("indexer_types") == "shared":
        return 0
    return size + size // INDEX_BLOCK * INDEX_SCALE
