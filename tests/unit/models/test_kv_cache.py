"""The KV cache of what has one: which layers keep what, of the models in architectures.json.

Bytes a token and layer are those of vLLM 0.32's classes (tests/golden/test_architectures.py asks them); which
layers keep all tokens and which a window is what the models' reports and transformers' classes say.
"""

from __future__ import annotations

from typing import Any

import pytest

from snakeval.models import architecture
from unit.models.count_architectures import read
from unit.models.test_parameters import searched

ROWS = read()
LONG = 100_000
# (model, layers that keep everything, their bytes a token, layers with a window, their bytes, the window)
KEPT = [
    ("meta-llama/Llama-3.1-8B", 32, 4096, 0, 0, 0),
    ("Qwen/Qwen2.5-7B-Instruct", 28, 2048, 0, 0, 0),  # has a window that it does not use
    ("Qwen/Qwen1.5-MoE-A2.7B", 24, 8192, 0, 0, 0),
    # Hybrids: a quarter, an eighth or a tenth of the layers
    ("Qwen/Qwen3-Next-80B-A3B-Instruct", 12, 2048, 0, 0, 0),
    ("Qwen/Qwen3.5-35B-A3B", 10, 2048, 0, 0, 0),
    ("Qwen/Qwen3.5-27B", 16, 4096, 0, 0, 0),
    ("nvidia/NVIDIA-Nemotron-Nano-9B-v2", 4, 4096, 0, 0, 0),
    ("nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16", 6, 1024, 0, 0, 0),
    ("ibm-granite/granite-4.0-h-small", 4, 4096, 0, 0, 0),
    ("ibm-granite/granite-4.0-h-tiny", 4, 2048, 0, 0, 0),
    ("ai21labs/AI21-Jamba-Mini-1.5", 4, 4096, 0, 0, 0),
    ("ai21labs/AI21-Jamba-Large-1.5", 9, 4096, 0, 0, 0),
    ("ibm-ai-platform/Bamba-9B", 3, 4096, 0, 0, 0),
    ("moonshotai/Kimi-Linear-48B-A3B-Instruct", 7, 1152, 0, 0, 0),
    ("Zyphra/Zamba2-7B", 13, 28672, 0, 0, 0),
    ("LiquidAI/LFM2-1.2B", 6, 2048, 0, 0, 0),
    ("LiquidAI/LFM2-8B-A1B", 6, 2048, 0, 0, 0),
    ("MiniMaxAI/MiniMax-Text-01-hf", 10, 4096, 0, 0, 0),
    ("MiniMaxAI/MiniMax-M2", 62, 4096, 0, 0, 0),  # a list of layers that all have attention
    ("tiiuae/Falcon-H1-7B-Instruct", 44, 1024, 0, 0, 0),  # each layer has both
    ("google/recurrentgemma-2b", 0, 0, 8, 1024, 2048),
    ("state-spaces/mamba-2.8b-hf", 0, 0, 0, 0, 0),
    ("mistralai/Mamba-Codestral-7B-v0.1", 0, 0, 0, 0, 0),
    # One KV head for all queries
    ("tiiuae/falcon-7b", 32, 256, 0, 0, 0),
    ("tiiuae/falcon-40b", 60, 2048, 0, 0, 0),  # the flag is there, but overruled
    ("bigcode/starcoder", 40, 512, 0, 0, 0),
    # Windows
    ("mistralai/Mistral-7B-v0.1", 0, 0, 32, 4096, 4096),
    ("mistralai/Mistral-Nemo-Instruct-2407", 40, 4096, 0, 0, 0),
    ("CohereLabs/c4ai-command-a-03-2025", 16, 4096, 48, 4096, 4096),
    ("CohereLabs/c4ai-command-r7b-12-2024", 8, 4096, 24, 4096, 4096),
    ("google/gemma-2-9b-it", 21, 8192, 21, 8192, 4096),
    ("google/gemma-3-1b-it", 4, 1024, 22, 1024, 512),
    ("google/gemma-3-27b-it", 10, 8192, 52, 8192, 1024),
    ("openai/gpt-oss-20b", 12, 2048, 12, 2048, 128),
    ("LGAI-EXAONE/EXAONE-4.0-32B", 16, 4096, 48, 4096, 4096),
    ("allenai/Olmo-3-7B-Instruct", 8, 16384, 24, 16384, 4096),
    ("arcee-ai/Trinity-Mini", 8, 2048, 24, 2048, 2048),
    ("meta-llama/Llama-4-Scout-17B-16E-Instruct", 12, 4096, 36, 4096, 8192),
    ("XiaomiMiMo/MiMo-V2-Flash", 9, 2560, 39, 5120, 128),
    # Shared layers, and layers with heads of their own
    ("google/gemma-3n-E4B-it, text part", 4, 2048, 16, 2048, 512),
    ("google/gemma-3n-E2B-it, text part", 4, 2048, 16, 2048, 512),
    ("google/gemma-4-31B-it, text part", 10, 8192, 50, 16384, 1024),
    ("google/gemma-4-26B-A4B-it, text part", 5, 4096, 25, 8192, 1024),
    ("google/gemma-4-E4B-it, text part", 4, 4096, 20, 2048, 512),
    # Compressed
    ("deepseek-ai/DeepSeek-V3", 61, 1152, 0, 0, 0),
    ("deepseek-ai/DeepSeek-V2-Lite", 27, 1152, 0, 0, 0),
    ("zai-org/GLM-4.7-Flash", 47, 1152, 0, 0, 0),
    ("deepseek-ai/DeepSeek-V3.2", 61, 1152 + 132, 0, 0, 0),  # and the indexer's keys
    ("openbmb/MiniCPM3-4B", 62, 15360, 0, 0, 0),  # compressed in the weights, not in vLLM's cache
    ("databricks/dbrx-instruct", 40, 4096, 0, 0, 0),
    ("tencent/Hunyuan-A13B-Instruct", 32, 4096, 0, 0, 0),
]


@pytest.mark.parametrize("row", KEPT, ids=[row[0] for row in KEPT])
def test_kept(row: tuple[str, int, int, int, int, int]) -> None:
    name, full, bytes_each, windowed, window_bytes, window = row
    text = architecture.text_part(ROWS[name]["config"])
    expected = LONG * full * bytes_each + window * windowed * window_bytes
    assert architecture.kv_cache_bytes(text, LONG) == expected
    whole = LONG * (full * bytes_each + windowed * window_bytes)
    assert architecture.kv_cache_bytes(text, LONG, windows=False) == whole
    short = 50 * (full * bytes_each + windowed * window_bytes)
    assert architecture.kv_cache_bytes(text, 50) == short


SIZES: dict[str, Any] = {"hidden_size": 64, "num_hidden_layers": 4, "num_attention_heads": 8}
LAYER = 2 * 8 * 8 * 2  # bytes a token: keys and values of 8 heads of 8 numbers of 2 bytes
# (config, bytes of 1000 tokens)
WRITTEN: list[tuple[str, dict[str, Any], int | None]] = [
    ("nothing more", {}, 4000 * LAYER),
    ("old names", {"layer_types": ["attention", "mamba", "mamba", "mamba"]}, 1000 * LAYER),
    ("new names", {"layer_types": ["full_attention", *["linear_attention"] * 3]}, 1000 * LAYER),
    ("the key of old", {"layers_block_type": ["mamba", "attention", "mamba", "mamba"]}, 1000 * LAYER),
    ("numbers", {"attn_type_list": [0, 0, 0, 1]}, 1000 * LAYER),
    ("a repeated part", {"block_types": ["recurrent", "attention"]}, 2000 * LAYER),
    ("letters", {"hybrid_override_pattern": "M-M*"}, 1000 * LAYER),
    ("period", {"attn_layer_period": 4, "attn_layer_offset": 2}, 1000 * LAYER),
    ("interval", {"full_attention_interval": 2}, 2000 * LAYER),
    ("the class's interval", {"model_type": "qwen3_next"}, 1000 * LAYER),
    ("indices", {"attn_layer_indices": [1, 3]}, 2000 * LAYER),
    ("indices from one", {"linear_attn_config": {"full_attn_layers": [1, 4]}}, 2000 * LAYER),
    ("unknown kinds keep everything", {"layer_types": ["new"] * 4}, 4000 * LAYER),
    ("a window", {"sliding_window": 100}, 400 * LAYER),
    ("a window that is not used", {"sliding_window": 100, "use_sliding_window": False}, 4000 * LAYER),
    (
        "a window that the class does not use",
        {"sliding_window": 100, "model_type": "qwen2"},
        4000 * LAYER,
    ),
    (
        "a window from a layer on",
        {"sliding_window": 100, "use_sliding_window": True, "max_window_layers": 3, "model_type": "qwen2"},
        3100 * LAYER,
    ),
    ("a pattern", {"sliding_window": 100, "sliding_window_pattern": 2}, 2200 * LAYER),
    ("a pattern in letters", {"sliding_window": 100, "sliding_window_pattern": "LLLG"}, 1300 * LAYER),
    ("no window of size 0", {"sliding_window": 0}, 4000 * LAYER),
    ("multi-query", {"multi_query": True}, 4000 * LAYER // 8),
    ("multi-query, not", {"multi_query": False}, 4000 * LAYER),
    ("grouped", {"num_key_value_heads": 2}, 1000 * LAYER),
    ("grouped, null first", {"num_key_value_heads": None, "multi_query_group_num": 2}, 1000 * LAYER),
    ("a list a layer", {"num_key_value_heads": [8, 8, 4, 4]}, 3000 * LAYER),
    ("a list a layer and more", {"num_key_value_heads": [8, 8, 4, 4, 1]}, 3000 * LAYER),
    ("a list for other layers", {"num_key_value_heads": [2, 2]}, 4000 * LAYER),
    ("a list a layer by name", {"num_key_value_heads_per_layer": [4, 4, 4, 4]}, 2000 * LAYER),
    ("shared", {"num_kv_shared_layers": 3}, 1000 * LAYER),
    ("shared in pairs", {"use_cla": True, "cla_share_factor": 2}, 2000 * LAYER),
    ("compressed", {"kv_lora_rank": 24, "qk_rope_head_dim": 8}, 4000 * 64),
    ("compressed, null", {"kv_lora_rank": None, "qk_rope_head_dim": None}, 4000 * LAYER),
    ("searched blocks", {"block_configs": searched(3, 1, 1.0)}, 3000 * LAYER // 8),
    ("heads unknown", {"num_attention_heads": None}, None),
    ("heads 0", {"num_attention_heads": 0}, None),
    ("layers without number", {"num_hidden_layers": "many"}, None),
    ("layers beyond all measure", {"num_hidden_layers": 10**12}, None),
    (
        # A window and one entry for 4 or 128 tokens, each 16 + 4 bytes; the indexer's for those of 4.
        "merged",
        {
            "head_dim": 16,
            "qk_rope_head_dim": 4,
            "sliding_window": 100,
            "index_head_dim": 128,
            "compress_ratios": [0, 4, 128, 0],
        },
        100 * 20 + (350 * 20 + 250 * 132) + 107 * 20 + 100 * 20,
    ),
]


@pytest.mark.parametrize(("added", "expected"), [row[1:] for row in WRITTEN], ids=[r[0] for r in WRITTEN])
def test_written_in_many_ways(added: dict[str, Any], expected: int | None) -> None:
    assert architecture.kv_cache_bytes({**SIZES, **added}, 1000) == expected


def test_nemotron_super() -> None:
    """49 of 80 layers have attention (Llama-3_3-Nemotron-Super-49B-v1's block_configs)."""
    config = {
        "model_type": "nemotron-nas",
        "hidden_size": 8192,
        "num_hidden_layers": 80,
        "num_attention_heads": 64,
        "num_key_value_heads": None,
        "intermediate_size": None,
        "vocab_size": 128256,
        "block_configs": searched(49, 31, 5.25),
    }
    assert architecture.kv_cache_bytes(config, 1000) == 49 * 1000 * 4096
    assert (architecture.attention_heads(config), architecture.key_value_heads(config)) == (64, 8)


def test_heads_that_differ_between_layers() -> None:
    """Tensor parallelism divides all of them."""
    config = {**SIZES, "num_attention_heads": [8, 12, 8, 16], "num_key_value_heads": [2, 4, 2, 4]}
    assert (architecture.attention_heads(config), architecture.key_value_heads(config)) == (4, 2)
