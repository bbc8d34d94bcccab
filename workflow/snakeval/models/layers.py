"""What each layer of a model is: attention to everything or to a window, a recurrent state, dense or experts.

Every function takes the text part of a config.json. The keys are those of transformers' and vLLM's classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any, Literal

from snakeval.models.layer_config import config_at
from snakeval.models.values import Config, entries, integer, part, truth, whole, word

Mixer = Literal["full", "window", "state", "both", "none"]
Feed = Literal["dense", "experts", "none"]

LAYER_KEYS = ("num_hidden_layers", "n_layer", "num_layers", "n_layers")
EXPERT_KEYS = ("num_experts", "n_routed_experts", "num_local_experts", "moe_num_experts")
LISTS = ("layer_types", "layers_block_type", "block_types", "_block_types", "attn_type_list")
WINDOWED = ("sliding_window", "attention_window_size", "attention_chunk_size", "sliding_window_size")
EVERY_KEYS = (
    "sliding_window_pattern",
    "_sliding_window_pattern",
    "layer_switch",
    "global_attn_every_n_layers",
)
MOST_LAYERS = 4096
# Llama 4's layers attend to chunks, but for each fourth.
CHUNKED_EVERY = 4
# One layer in so many attends to everything, where config.json itself doesn't list its layers.
FULL_ATTENTION_EVERY = {
    "gemma2": 2,
    "gemma3_text": 6,
    "cohere2": 4,
    "gemma3n_text": 5,
    "gemma4_text": 6,
    "exaone4": 4,
}
RECURRENT = ("mamba", "mamba2", "falcon_mamba", "rwkv", "rwkv5", "rwkv6", "rwkv7", "xlstm")
# Hybrids by transformers' classes, one layer in four with attention.
EVERY_FOURTH = ("qwen3_next", "qwen3_5_text", "qwen3_5_moe_text", "olmo_hybrid")
# Every layer has attention beside a recurrent state.
BESIDE = ("falcon_h1", "hymba")
STATES = ("linear", "mamba", "recurrent", "conv", "ssm", "kda", "delta", "lightning", "rwkv")
WINDOWS = ("sliding", "local", "chunked", "window", "swa")
LETTERS: dict[str, tuple[Mixer, Feed]] = {
    "M": ("state", "none"),
    "*": ("full", "none"),
    "-": ("none", "dense"),
    "E": ("none", "experts"),
}


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: what mixes its tokens, what feeds forward, and the config as it holds for this layer."""

    mixer: Mixer
    feed: Feed
    config: Config

    @property
    def attends(self) -> bool:
        return self.mixer in ("full", "window", "both")

    @property
    def recurs(self) -> bool:
        return self.mixer in ("state", "both")


def layers_of(text: Config) -> list[Layer]:
    """A model's layers in their order; none where config.json does not say how many there are."""
    pattern = [LETTERS[letter] for letter in word(text, "hybrid_override_pattern") or "" if letter in LETTERS]
    count = len(pattern) or _count(text)
    if not 0 < count <= MOST_LAYERS:
        return []
    found: list[tuple[Mixer, Feed]] = pattern or list(
        zip(_mixers(text, count), _feeds(text, count), strict=True)
    )
    listed = [_words(each) for each in entries(text, *LISTS)]
    if not pattern and any(mixer == "none" for mixer, _ in listed):
        found = [*islice(cycle(listed), count)]  # as in Nemotron-H: each layer is one thing
    blocks = [each for each in entries(text, "block_configs") if isinstance(each, dict)]
    if len(blocks) == count:
        found = [_block_kind(each) for each in blocks]
    return [
        Layer(mixer, feed, config_at(text, index, count, windowed=mixer == "window"))
        for index, (mixer, feed) in enumerate(found)
    ]


def _count(text: Config) -> int:
    listed = entries(text, "block_configs", "layers_block_type", "layer_types")
    if word(text, "model_type") == "longcat_flash":  # its other key counts two attentions a layer
        return integer(text, "num_layers") or 0
    return integer(text, *LAYER_KEYS) or len(listed)


def _words(kind: object) -> tuple[Mixer, Feed]:
    """What an entry of a list of layers means; attention to everything where it says nothing known."""
    name = str(kind).lower()
    if name in ("mlp", "ffn", "dense"):
        return "none", "dense"
    if name in ("moe", "experts"):
        return "none", "experts"
    if name == "hybrid":
        return "both", "none"
    if kind == 0 or any(each in name for each in STATES):
        return "state", "none"
    return ("window" if any(each in name for each in WINDOWS) else "full"), "none"


def _mixers(text: Config, count: int) -> list[Mixer]:
    kind = word(text, "model_type") or ""
    if listed := entries(text, *LISTS):
        found = [mixer for mixer, _ in islice(cycle(map(_words, listed)), count)]
        # RecurrentGemma calls its local attention just so.
        local = integer(text, "attention_window_size") is not None
        return ["window" if local and mixer == "full" else mixer for mixer in found]
    if kind in RECURRENT or kind in BESIDE:
        return ["state" if kind in RECURRENT else "both"] * count
    if (full := _full_of_hybrid(text, count)) is not None:
        mixer: Mixer = "both" if "zamba" in kind else "full"
        return [mixer if index in full else "state" for index in range(count)]
    windowed = _windowed(text, count)
    return ["window" if index in windowed else "full" for index in range(count)]


def _full_of_hybrid(text: Config, count: int) -> set[int] | None:
    """Indices of the layers with attention, where config.json says of the others that they have a state."""
    found = entries(text, "full_attn_idxs", "attn_layer_indices", "hybrid_layer_ids")
    if found:
        return {index for each in found if (index := whole(each)) is not None}
    one_based = entries(part(text, "linear_attn_config"), "full_attn_layers")
    if one_based:
        return {index - 1 for each in one_based if (index := whole(each)) is not None}
    if period := integer(text, "attn_layer_period"):
        offset = integer(text, "attn_layer_offset") or 0
        return {index for index in range(count) if index % period == offset}
    if every := integer(text, "full_attention_interval", "layer_group_size"):
        return {index for index in range(count) if (index + 1) % every == 0}
    if (word(text, "model_type") or "") in EVERY_FOURTH:
        return set(range(3, count, 4))
    return set() if word(text, "model_type") == "bamba" else None


def _windowed(text: Config, count: int) -> set[int]:
    """Indices of the layers that attend to a window only."""
    everything, kind = range(count), word(text, "model_type") or ""
    flags = entries(text, "hybrid_layer_pattern")
    if not flags and (integer(text, "attention_chunk_size") and not integer(text, "sliding_window")):
        flags = entries(text, "no_rope_layers") or [(index + 1) % CHUNKED_EVERY for index in everything]
    if len(flags) == count:
        return {index for index in everything if flags[index]}
    used = truth(text, "use_sliding_window")
    if not window_of(text) or used is False or (used is None and kind.startswith("qwen")):
        return set()
    if letters := word(text, "sliding_window_pattern"):
        return {index for index in everything if letters[index % len(letters)].upper() == "L"}
    if every := integer(text, *EVERY_KEYS) or FULL_ATTENTION_EVERY.get(kind):
        return {index for index in everything if (index + 1) % every}
    return set(range(integer(text, "max_window_layers") or 0, count))


def window_of(text: Config) -> int | None:
    """The tokens that a layer with a window attends to."""
    return integer(text, *WINDOWED) or None


def experts_of(text: Config) -> int:
    """The number of experts that tokens are routed to; 0 for a dense model."""
    if truth(text, "is_moe") is False:
        return 0
    return (
        integer(text, *EXPERT_KEYS)
        or max((whole(each) or 0 for each in entries(text, *EXPERT_KEYS)), default=0)
        or integer(part(text, "ffn_config"), "moe_num_experts")
        or 0
    )


def _feeds(text: Config, count: int) -> list[Feed]:
    everything = range(count)
    if any(experts_of(config_at(text, index, count)) for index in {0, count - 1}):
        sparse = _sparse(text, count)
    else:
        sparse = set()
    return ["experts" if index in sparse else "dense" for index in everything]


def _sparse(text: Config, count: int) -> set[int]:
    """Indices of the layers with experts."""
    everything = set(range(count))
    for key in ("mlp_layer_types", "moe_layer_freq"):
        if len(flags := entries(text, key)) == count:
            return {index for index in everything if flags[index] not in ("dense", 0)}
    listed: list[Any] = entries(text, "moe_layers") or (word(text, "moe_layers_enum") or "").split(",")
    if indices := {index for each in listed if (index := whole(each)) is not None}:
        return indices
    first = _least(text, "first_k_dense_replace", "num_dense_layers", "moe_layer_start_index")
    last = max((whole(each) or 0 for each in _several(text, "moe_layer_end_index")), default=count)
    step = integer(text, "decoder_sparse_step", "interleave_moe_layer_step", "moe_layer_interval") or 1
    period = integer(text, "expert_layer_period", "moe_layer_freq") or 1
    offset = integer(text, "expert_layer_offset") or 0
    dense = {whole(each) for each in entries(text, "mlp_only_layers")}
    return {
        index
        for index in everything - dense
        if first <= index <= last and (index + 1) % step == 0 and index % period == offset % period
    }


def _several(text: Config, key: str) -> list[Any]:
    found = text.get(key)
    return found if isinstance(found, list) else [] if found is None else [found]


def _least(text: Config, *keys: str) -> int:
    found = [index for key in keys for each in _several(text, key) if (index := whole(each)) is not None]
    return min(found, default=0)


def _block_kind(block: Config) -> tuple[Mixer, Feed]:
    """What a block of a model whose layers were searched for is (Nemotron Super and Ultra)."""
    if kind := word(block, "block_type"):
        return _words(kind)
    mixer: Mixer = "none" if _skips(part(block, "attention")) else "full"
    return mixer, "none" if _skips(part(block, "ffn")) else "dense"


def _skips(block: Config) -> bool:
    return truth(block, "no_op") is True or truth(block, "replace_with_linear") is True
