"""Estimates of parameters against transformers' classes, and against published counts where it has none.

architectures.json has the models' configs and what their classes count (count_architectures.py wrote it).
"""

from __future__ import annotations

from typing import Any

import pytest

from snakeval.models import architecture
from unit.models.count_architectures import read

ROWS = read()
# Gemma 3 leaves heads and vocabulary to transformers' class; these are its defaults.
LEFT_TO_THE_CLASS = {
    "gemma3": {"num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256, "vocab_size": 262208}
}


def estimate(config: dict[str, Any]) -> int | None:
    text = architecture.text_part(config)
    text = {**LEFT_TO_THE_CLASS.get(config["model_type"], {}), **text}
    found = architecture.parameters(text)
    return None if found is None else found + architecture.tower_parameters(config)


@pytest.mark.parametrize("name", ROWS)
def test_within_ten_percent_of_the_class(name: str) -> None:
    assert estimate(ROWS[name]["config"]) == pytest.approx(ROWS[name]["parameters"], rel=0.1)


def test_most_are_much_closer() -> None:
    errors = [abs((estimate(row["config"]) or 0) / row["parameters"] - 1) for row in ROWS.values()]
    assert len(errors) >= 100
    assert sorted(errors)[len(errors) * 9 // 10] < 0.02


def searched(kept: int, skipped: int, multiple: float) -> list[dict[str, Any]]:
    """Blocks with attention of 8 query heads a KV head, then blocks without."""
    feed = {"ffn_mult": multiple, "no_op": False, "replace_with_linear": False}
    none = {"n_heads_in_group": None, "no_op": True, "replace_with_linear": False}
    return [{"attention": {"n_heads_in_group": 8, "no_op": False}, "ffn": feed}] * kept + [
        {"attention": none, "ffn": feed}
    ] * skipped


# What transformers has no class for, or one that counts what no checkpoint holds. (name, config, published)
PUBLISHED: list[tuple[str, dict[str, Any], float]] = [
    (  # technical report: 560B; the class makes gates for its 256 experts that compute nothing
        "LongCat-Flash",
        {
            "model_type": "longcat_flash",
            "hidden_size": 6144,
            "ffn_hidden_size": 12288,
            "expert_ffn_hidden_size": 2048,
            "num_layers": 28,
            "num_attention_heads": 64,
            "kv_lora_rank": 512,
            "q_lora_rank": 1536,
            "qk_nope_head_dim": 128,
            "qk_rope_head_dim": 64,
            "v_head_dim": 128,
            "n_routed_experts": 512,
            "zero_expert_num": 256,
            "vocab_size": 131072,
        },
        560e9,
    ),
    (  # xai-org/grok-1: 314B
        "Grok-1",
        {
            "model_type": "grok-1",
            "hidden_size": 6144,
            "intermediate_size": 32768,
            "num_hidden_layers": 64,
            "num_attention_heads": 48,
            "num_key_value_heads": 8,
            "num_experts": 8,
            "vocab_size": 131072,
        },
        314e9,
    ),
    (  # model card: 6.2B
        "ChatGLM3-6B",
        {
            "model_type": "chatglm",
            "hidden_size": 4096,
            "ffn_hidden_size": 13696,
            "num_layers": 28,
            "num_attention_heads": 32,
            "kv_channels": 128,
            "multi_query_attention": True,
            "multi_query_group_num": 2,
            "padded_vocab_size": 65024,
            "vocab_size": 65024,
        },
        6.24e9,
    ),
    (  # model card: 7.7B; config.json states gate and up together
        "Qwen-7B",
        {
            "model_type": "qwen",
            "hidden_size": 4096,
            "intermediate_size": 22016,
            "num_hidden_layers": 32,
            "num_attention_heads": 32,
            "vocab_size": 151936,
        },
        7.72e9,
    ),
    (  # model card: 8B with its 0.3B encoder of images; gate and up together again
        "Molmo-7B-D-0924",
        {
            "model_type": "molmo",
            "hidden_size": 3584,
            "intermediate_size": 37888,
            "num_hidden_layers": 28,
            "num_attention_heads": 28,
            "num_key_value_heads": 4,
            "tie_word_embeddings": False,
            "vocab_size": 152064,
        },
        8.02e9,
    ),
    (  # model card: 3B, without experts
        "granite-4.0-h-micro",
        {
            "model_type": "granitemoehybrid",
            "hidden_size": 2048,
            "intermediate_size": 8192,
            "shared_intermediate_size": 8192,
            "num_local_experts": 0,
            "num_hidden_layers": 40,
            "num_attention_heads": 32,
            "num_key_value_heads": 8,
            "mamba_n_heads": 64,
            "mamba_d_head": 64,
            "mamba_d_state": 128,
            "mamba_n_groups": 1,
            "layer_types": [
                *["mamba"] * 5,
                *(["attention", *["mamba"] * 9] * 3),
                "attention",
                *["mamba"] * 4,
            ],
            "tie_word_embeddings": True,
            "vocab_size": 100352,
        },
        3.2e9,
    ),
    (  # 28B: 64 experts each of two widths, as the remote code's config.json writes it
        "ERNIE-4.5-VL-28B-A3B",
        {
            "model_type": "ernie4_5_moe_vl",
            "hidden_size": 2560,
            "intermediate_size": 12288,
            "num_hidden_layers": 28,
            "num_attention_heads": 20,
            "num_key_value_heads": 4,
            "moe_num_experts": [64, 64],
            "moe_intermediate_size": [1536, 512],
            "moe_layer_start_index": [1, 1],
            "moe_layer_end_index": [29, 28],
            "moe_layer_interval": 1,
            "moe_num_shared_experts": 2,
            "tie_word_embeddings": True,
            "vocab_size": 103424,
        },
        28.6e9,
    ),
]


@pytest.mark.parametrize(
    ("config", "published"), [row[1:] for row in PUBLISHED], ids=[r[0] for r in PUBLISHED]
)
def test_within_ten_percent_of_what_is_published(config: dict[str, Any], published: float) -> None:
    assert estimate(config) == pytest.approx(published, rel=0.1)


def test_searched_blocks() -> None:
    """A block without attention has none of its parameters, and one without feed-forward none of those."""
    config = {
        "model_type": "nemotron-nas",
        "hidden_size": 64,
        "num_hidden_layers": 3,
        "num_attention_heads": 16,
        "vocab_size": 100,
        "block_configs": searched(2, 1, 6.0),
    }
    # int(2 * 6 * 64 / 3) is 256, a multiple of 256 already; 2 KV heads of size 4
    assert architecture.parameters(config) == 2 * 100 * 64 + 2 * (2 * 64 * 4 * (16 + 2)) + 3 * 3 * 64 * 256


# (tied, as config.json says and as the class has it)
TIED = [
    ({"model_type": "llama"}, False),
    ({"model_type": "llama", "tie_word_embeddings": True}, True),
    ({"model_type": "gemma2"}, True),
    ({"model_type": "gemma2", "tie_word_embeddings": False}, False),
    ({"model_type": "llama", "tie_word_embeddings": None}, False),
    ({"model_type": "llama", "tie_word_embeddings": "yes"}, False),
    ({"model_type": ["llama"]}, True),
    ({}, True),
]


@pytest.mark.parametrize(("said", "expected"), TIED)
def test_embeddings_and_output(said: dict[str, Any], expected: bool) -> None:
    sizes = {
        "hidden_size": 8,
        "num_hidden_layers": 1,
        "num_attention_heads": 1,
        "intermediate_size": 8,
        "vocab_size": 1000,
    }
    once = architecture.parameters({**sizes, "tie_word_embeddings": True})
    assert once is not None
    assert architecture.parameters({**sizes, **said}) == once + (0 if expected else 8000)
