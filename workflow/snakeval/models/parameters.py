"""The number of a model's parameters, estimated from its config.json.

Only where nobody says: the files of the weights know it better (`snakeval.models.tensors`).
"""

from __future__ import annotations

from operator import mul

from snakeval.models.attention import HIDDEN_KEYS, heads_of
from snakeval.models.families import GATED_ATTENTION, HALVED, SHARED_BLOCKS, UNGATED, UNTIED
from snakeval.models.layers import Layer, experts_of, layers_of
from snakeval.models.recurrent import state_parameters
from snakeval.models.values import Config, entries, integer, number, part, truth, whole, word

INNER_KEYS = ("intermediate_size", "ffn_hidden_size", "n_inner", "ffn_dim", "dff", "ff_intermediate_size")
EXPERT_INNER_KEYS = ("moe_intermediate_size", "expert_ffn_hidden_size", "moe_ffn_hidden_size")
SHARED_KEYS = ("n_shared_experts", "num_shared_experts", "moe_num_shared_experts", "num_shared_expert")
SHARED_INNER_KEYS = ("shared_expert_intermediate_size", "shared_intermediate_size", "share_expert_dim")
GATED = 3


def parameters(text: Config) -> int | None:
    """Estimate the number of parameters of a decoder, without norms, biases and extra prediction layers.

    Within 10% of transformers' classes (tests/unit/models/architectures.json). None when config.json lacks
    a number that is needed.
    """
    hidden, vocabulary, layers = integer(text, *HIDDEN_KEYS), integer(text, "vocab_size"), layers_of(text)
    if not hidden or not vocabulary or not layers:
        return None
    shared = len(layers) - (integer(text, "num_kv_shared_layers") or 0)
    total = vocabulary * hidden * (1 if tied(text) else 2) + _per_layer_inputs(text, hidden, len(layers))
    blocks = integer(text, "num_mem_blocks") or 1 if word(text, "model_type") in SHARED_BLOCKS else None
    for index, layer in enumerate(layers):
        attention, feed = _attention(layer, hidden, index >= shared), _feed(layer, hidden, index >= shared)
        if attention is None or feed is None:
            return None
        total += state_parameters(layer.config, hidden) if layer.recurs else 0
        if blocks is None:
            total += attention + feed
        elif layer.attends:
            total += (attention + feed if blocks > 0 else 0) + _adapter(layer.config, hidden)
            blocks -= 1
    return total


def tied(text: Config) -> bool:
    """Whether one matrix serves as embeddings and as output; where nothing is said, as for the class."""
    said = truth(text, "tie_word_embeddings")
    return (word(text, "model_type") or "") not in UNTIED if said is None else said


def _attention(layer: Layer, hidden: int, shares: bool) -> int | None:
    """Queries, keys, values and output; 0 for a layer without attention, None without its heads."""
    config, heads = layer.config, heads_of(layer.config)
    if not layer.attends:
        return 0
    if heads is None:
        return None
    twice = 2 if word(config, "model_type") == "longcat_flash" else 1  # attentions a layer
    if rank := integer(config, "kv_lora_rank"):
        return twice * _compressed(config, hidden, rank)
    keys = 0 if shares and word(config, "model_type") != "gemma3n_text" else heads.kv * heads.size
    values = 0 if not keys or _keys_as_values(layer) else heads.kv * heads.value
    gate = 2 if word(config, "model_type") in GATED_ATTENTION or truth(config, "attn_output_gate") else 1
    width = integer(config, "attention_hidden_size") or hidden
    if word(config, "model_type") == "jetmoe":  # experts of attention, over the heads of the keys
        return 2 * hidden * heads.kv * heads.size * (experts_of(config) + 1)
    queries = heads.queries * (gate * heads.size * width + heads.value * hidden)
    return queries + width * (keys + values)


def _keys_as_values(layer: Layer) -> bool:
    return truth(layer.config, "attention_k_eq_v") is True and layer.mixer == "full"


def _compressed(config: Config, hidden: int, rank: int) -> int:
    """DeepSeek-V2's attention (arXiv:2405.04434), whose queries may be compressed as well."""
    heads = integer(config, "num_attention_heads") or 0
    rotary, plain = integer(config, "qk_rope_head_dim") or 0, integer(config, "qk_nope_head_dim") or 0
    value, low = integer(config, "v_head_dim") or plain, integer(config, "q_lora_rank")
    query = heads * (plain + rotary)
    queries = low * (hidden + query) if low else hidden * query
    index = integer(config, "index_head_dim") or 0
    if index and config.get("indexer_types") != "shared":
        queries += index * ((integer(config, "index_n_heads") or 0) * (low or hidden) + hidden)
    return queries + hidden * (rank + rotary) + rank * heads * (plain + value) + heads * value * hidden


def _feed(layer: Layer, hidden: int, shares: bool) -> int | None:
    if layer.feed == "none":
        return 0
    config, kind = layer.config, word(layer.config, "model_type") or ""
    matrices = 2 if kind in UNGATED else GATED
    inner = _inner(config, hidden)
    if kind in ("mamba", "mamba2", "falcon_mamba"):
        return 0
    if kind.startswith("rwkv"):
        return 2 * hidden * (inner or 4 * hidden) + hidden * hidden
    if layer.feed == "experts":
        return _experts(config, hidden, matrices, inner)
    if shares and truth(config, "use_double_wide_mlp") and inner:
        inner *= 2
    return matrices * hidden * inner if inner else None


def _inner(config: Config, hidden: int) -> int | None:
    """The width of a dense layer; four times the hidden size for those that say nothing (GPT-2 and after)."""
    kind = word(config, "model_type") or ""
    parts = part(config, "ffn_config")
    found = integer(config, *INNER_KEYS) or integer(parts, "ffn_hidden_size")
    if kind == "granitemoehybrid" and not experts_of(config):
        return integer(config, "shared_intermediate_size") or found
    if kind in HALVED and found:
        return found // 2
    if kind.startswith("lfm2") and found and truth(config, "block_auto_adjust_ff_dim") is not False:
        multiple = number(config.get("block_ffn_dim_multiplier")) or 1
        return int(2 * found / 3 * multiple) if kind == "lfm2" else found
    if kind == "llama4_text" and (dense := integer(config, "intermediate_size_mlp")):
        return dense
    return found or (4 * hidden if kind in UNGATED else None)


def _experts(config: Config, hidden: int, matrices: int, inner: int | None) -> int | None:
    """Routed and shared experts, the router, and what a layer has dense beside them."""
    kind, count = word(config, "model_type") or "", experts_of(config)
    routed, each = _routed(config, count, inner)
    if not each:
        return None
    width = integer(config, "moe_latent_size") or hidden
    shared = (integer(config, *SHARED_KEYS) or 0) * (
        integer(config, "moe_shared_expert_intermediate_size") or each
    )
    shared = integer(config, *SHARED_INNER_KEYS) or shared
    if kind == "llama4_text":
        shared = each
    dense = (inner or 0) * (2 if kind == "longcat_flash" else truth(config, "enable_moe_block") is True)
    return matrices * (width * routed + hidden * (shared + dense)) + hidden * count


def _routed(config: Config, count: int, inner: int | None) -> tuple[int, int | None]:
    """The widths of all routed experts together, and of one; ERNIE VL has experts of two sizes."""
    sizes = [found for size in entries(config, *EXPERT_INNER_KEYS) if (found := whole(size))]
    counts = [found for size in entries(config, "moe_num_experts") if (found := whole(size))]
    if sizes:
        counts = counts if len(counts) == len(sizes) else [count] * len(sizes)
        return sum(map(mul, counts, sizes)), sizes[0]
    each = integer(config, *EXPERT_INNER_KEYS)
    if (word(config, "model_type") or "") == "llama4_text":
        each = integer(config, "intermediate_size")
    each = each or inner
    return count * (each or 0), each


def _per_layer_inputs(text: Config, hidden: int, layers: int) -> int:
    """Gemma 3n's and 4's embeddings for each layer, and Gemma 3n's alternating updates."""
    size = integer(text, "hidden_size_per_layer_input") or 0
    found = layers * size * ((integer(text, "vocab_size_per_layer_input") or 0) + 3 * hidden)
    streams = max((integer(text, "altup_num_inputs") or 1) - 1, 0)
    return found + 2 * streams * hidden * hidden + 2 * layers * hidden * (integer(text, "laurel_rank") or 0)


def _adapter(config: Config, hidden: int) -> int:
    """What each use of a shared block has of its own: a projection, and low-rank changes (Zamba 2)."""
    rank, inner = integer(config, "adapter_rank") or 0, integer(config, "intermediate_size") or 0
    width = integer(config, "attention_hidden_size") or hidden
    attention = 6 * rank * width if truth(config, "use_shared_attention_adapter") else 0
    return hidden * hidden + rank * (hidden + 2 * inner) + attention
