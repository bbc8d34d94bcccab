"""Readings of real models' config.json.

The context lengths are those that vLLM 0.32 derives from the same files, but for Phi-3 (see
`context_length`) and for a yarn whose factor is smaller than its length claims.
"""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from snakeval.models import architecture
from unit.models import model_configs as models

LLAMA_2 = {**models.LLAMA_31_8B, "max_position_embeddings": 4096}
YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}
CONTEXT = [
    ("Llama 3.1: llama3 is scaled already", models.LLAMA_31_8B, 131072, "max_position_embeddings"),
    ("Qwen 3", models.QWEN3_32B, 40960, "max_position_embeddings"),
    ("Qwen 3, yarn by hand", {**models.QWEN3_32B, "rope_scaling": YARN}, 40960, "max_position_embeddings"),
    (
        "yarn shorter than it claims",
        {**models.QWEN3_32B, "max_position_embeddings": 262144, "rope_scaling": YARN},
        131072,
        "max_position_embeddings",
    ),
    ("DeepSeek-V3: yarn", models.DEEPSEEK_V3, 163840, "max_position_embeddings"),
    ("gpt-oss: yarn", models.GPT_OSS_120B, 131072, "max_position_embeddings"),
    ("Phi-3: longrope", models.PHI_3_MINI_128K, 131072, "max_position_embeddings"),
    ("Mistral: a sliding window is no limit", models.MISTRAL_7B_V01, 32768, "max_position_embeddings"),
    ("GPT-2", models.GPT_2, 1024, "n_positions"),
    ("Command R", models.COMMAND_R, 131072, "model_max_length"),
    ("linear", {**LLAMA_2, "rope_scaling": {"type": "linear", "factor": 4.0}}, 16384, "times the factor 4"),
    ("dynamic", {**LLAMA_2, "rope_scaling": {"rope_type": "dynamic", "factor": 2.0}}, 8192, "factor 2"),
    ("linear, null", {**LLAMA_2, "rope_scaling": {"type": "linear", "factor": None}}, 4096, "max_position"),
    (
        "transformers 5: one a kind of layer",
        {
            **LLAMA_2,
            "rope_scaling": None,
            "rope_parameters": {
                "full_attention": {"rope_type": "linear", "factor": 8.0},
                "sliding_attention": {"rope_type": "default"},
            },
        },
        32768,
        "factor 8",
    ),
    (
        "Gemma 3 is scaled already",
        {"model_type": "gemma3_text", "max_position_embeddings": 131072, "rope_scaling": {"factor": 8.0}},
        131072,
        "max_position_embeddings",
    ),
    ("a number as a word", {"max_position_embeddings": "4096"}, 4096, "max_position_embeddings"),
    ("a list, and another key", {"max_position_embeddings": [1, 2], "n_ctx": 64}, 64, "n_ctx"),
    ("null, and another key", {"max_position_embeddings": None, "seq_length": 64}, 64, "seq_length"),
    ("0 is no length", {"max_position_embeddings": 0, "seq_length": 64}, 64, "seq_length"),
    ("true is no length", {"max_position_embeddings": True, "seq_length": 64}, 64, "seq_length"),
    ("factor as a word", {**LLAMA_2, "rope_scaling": {"type": "linear", "factor": "4.0"}}, 16384, "factor 4"),
    ("factor no number", {**LLAMA_2, "rope_scaling": {"type": "linear", "factor": "x"}}, 4096, "max_pos"),
    ("factor a list", {**LLAMA_2, "rope_scaling": {"type": "linear", "factor": [4]}}, 4096, "max_pos"),
    ("factor negative", {**LLAMA_2, "rope_scaling": {"type": "linear", "factor": -4}}, 4096, "max_pos"),
    ("factor NaN", {**LLAMA_2, "rope_scaling": {"type": "linear", "factor": float("nan")}}, 4096, "max_pos"),
    ("type no word", {**LLAMA_2, "rope_scaling": {"type": ["yarn"], "factor": 4.0}}, 16384, "factor 4"),
    ("scaling a list", {**LLAMA_2, "rope_scaling": [{"factor": 4.0}]}, 4096, "max_position"),
    (
        "yarn in words",
        {
            "max_position_embeddings": 262144,
            "rope_scaling": {"type": "yarn", "factor": "4", "original_max_position_embeddings": "32768"},
        },
        131072,
        "max_position_embeddings",
    ),
    (
        "yarn from null",
        {"max_position_embeddings": 64, "rope_scaling": {"type": "yarn", "factor": None}},
        64,
        "max_position_embeddings",
    ),
    (
        "multimodal rotary sections have no factor",
        {"max_position_embeddings": 128000, "rope_scaling": {"type": "mrope", "mrope_section": [16, 24, 24]}},
        128000,
        "max_position_embeddings",
    ),
]


@pytest.mark.parametrize(
    ("config", "length", "words"), [row[1:] for row in CONTEXT], ids=[r[0] for r in CONTEXT]
)
def test_context_length(config: dict[str, Any], length: int, words: str) -> None:
    found = architecture.context_length(architecture.text_part(config))
    assert found is not None
    assert found[0] == length
    assert found[1].startswith("config.json: ")
    assert words in found[1]


@pytest.mark.parametrize("key", architecture.CONTEXT_KEYS)
def test_every_key_is_read(key: str) -> None:
    assert architecture.context_length({key: 512}) == (512, f"config.json: {key}")


def test_no_key() -> None:
    assert architecture.context_length({"hidden_size": 64}) is None


NESTED = [
    {"model_type": "x", "text_config": {"n_ctx": 7}},
    {"llm_config": {"n_ctx": 7}},
    {"thinker_config": {"text_config": {"n_ctx": 7}}},
    {"n_ctx": 7},
    {"n_ctx": 7, "text_config": None},
    {"n_ctx": 7, "text_config": [], "llm_config": "x"},
]


@pytest.mark.parametrize("config", NESTED)
def test_text_part(config: dict[str, Any]) -> None:
    assert architecture.text_part(config)["n_ctx"] == 7


class Defaults:
    """Stands for transformers' class of Gemma 3's language model."""

    def to_dict(self) -> dict[str, Any]:
        return {
            "hidden_size": 1,
            "layer_types": ["full_attention"] * 26,
            "max_position_embeddings": 131072,
            "num_attention_heads": 8,
            "rope_scaling": None,
            "vocab_size": 262208,
        }


@pytest.fixture
def transformers(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = SimpleNamespace(CONFIG_MAPPING={"gemma3_text": Defaults})
    monkeypatch.setitem(sys.modules, "transformers", fake)


@pytest.mark.usefixtures("transformers")
def test_what_config_json_leaves_out() -> None:
    text, added = architecture.with_defaults(architecture.text_part(models.GEMMA_3_27B))
    assert added == {"max_position_embeddings", "vocab_size"}
    assert text["hidden_size"] == 5376
    words = "transformers' default for gemma3_text: max_position_embeddings"
    assert architecture.context_length(text, added) == (131072, words)


@pytest.mark.usefixtures("transformers")
@pytest.mark.parametrize(
    "config", [models.QWEN3_32B, {"model_type": "unheard"}, {"model_type": ["gemma3_text"]}, {}]
)
def test_nothing_is_added(config: dict[str, Any]) -> None:
    assert architecture.with_defaults(config) == (config, frozenset())


def test_a_class_that_can_not_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> None:
        raise RuntimeError("no default")

    fake = SimpleNamespace(CONFIG_MAPPING={"gemma3_text": fails})
    monkeypatch.setitem(sys.modules, "transformers", fake)
    text = architecture.text_part(models.GEMMA_3_27B)
    assert architecture.with_defaults(text) == (text, frozenset())


def test_without_transformers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    text = architecture.text_part(models.GEMMA_3_27B)
    assert architecture.with_defaults(text) == (text, frozenset())


DTYPES = [
    ({"torch_dtype": "bfloat16"}, "bfloat16"),
    ({"dtype": "float32"}, "float32"),
    ({"torch_dtype": "torch.float16"}, "float16"),
    ({"text_config": {"dtype": "bfloat16"}}, "bfloat16"),
    ({"torch_dtype": None}, None),
    ({"dtype": ["bfloat16"], "torch_dtype": "float16"}, "float16"),
    ({"dtype": {}, "text_config": {"dtype": "bfloat16"}}, "bfloat16"),
    (models.GPT_OSS_120B, None),
]


@pytest.mark.parametrize(("config", "expected"), DTYPES)
def test_dtype(config: dict[str, Any], expected: str | None) -> None:
    assert architecture.dtype(config) == expected


QUANTIZED = [
    (models.DEEPSEEK_V3, "fp8"),
    (models.GPT_OSS_120B, "mxfp4"),
    ({"text_config": {"quantization_config": {"bits": 4}}}, "unnamed"),
    ({"quantization_config": {"quant_method": ["fp8"]}}, "unnamed"),
    ({"quantization_config": None, "compression_config": {"quant_method": "x"}}, "x"),
    ({"quantization_config": "fp8"}, None),
    (models.QWEN3_32B, None),
]


@pytest.mark.parametrize(("config", "expected"), QUANTIZED)
def test_quantization(config: dict[str, Any], expected: str | None) -> None:
    assert architecture.quantization(config) == expected


# (config, query heads, heads of the KV cache, bytes of one sequence's cache for so many tokens)
HEADS = [
    (models.LLAMA_31_8B, 32, 8, 1, 131072),  # 2 * 32 layers * 8 heads * 128 * 2 bytes
    (models.QWEN3_32B, 64, 8, 40960, 40960 * 262144),
    (models.DEEPSEEK_V3, 128, 1, 1000, 1000 * 61 * 576 * 2),  # 70,272 bytes a token (DeepSeek-V3 report)
    (models.GPT_OSS_120B, 64, 8, 10000, 2 * 8 * 64 * 2 * (18 * 10000 + 18 * 128)),
    (models.GEMMA_3_27B, 32, 16, 100000, 2 * 16 * 128 * 2 * (10 * 100000 + 52 * 1024)),
    (models.MISTRAL_7B_V01, 32, 8, 32768, 4096 * 131072),  # all layers have the window
    (models.GPT_2, 12, 12, 1024, 1024 * 2 * 12 * 768 * 2),
]


@pytest.mark.parametrize(("config", "heads", "kv_heads", "tokens", "cache"), HEADS)
def test_heads_and_cache(config: dict[str, Any], heads: int, kv_heads: int, tokens: int, cache: int) -> None:
    text = architecture.text_part(config)
    assert architecture.attention_heads(text) == heads
    assert architecture.key_value_heads(text) == kv_heads
    assert architecture.kv_cache_bytes(text, tokens) == cache
    assert architecture.kv_cache_bytes(text, tokens, 4) == 2 * cache


# Published counts: Llama 3.1 report; model cards of Qwen 3, Mixtral, gpt-oss, DeepSeek-V3.
PARAMETERS = [
    (models.LLAMA_31_8B, 8_030_261_248),
    (models.QWEN3_32B, 32_762_123_264),
    (models.QWEN3_30B_A3B, 30.5e9),
    (models.MIXTRAL_8X7B, 46.7e9),
    (models.DEEPSEEK_V3, 671e9),
    (models.GPT_OSS_120B, 116.8e9),
]


@pytest.mark.parametrize(("config", "published"), PARAMETERS)
def test_parameters(config: dict[str, Any], published: float) -> None:
    assert architecture.parameters(config) == pytest.approx(published, rel=0.01)


@pytest.mark.parametrize("missing", ["hidden_size", "num_hidden_layers", "vocab_size", "num_attention_heads"])
def test_unknown_sizes(missing: str) -> None:
    config = {key: value for key, value in models.LLAMA_31_8B.items() if key != missing}
    assert architecture.parameters(config) is None
    if missing != "vocab_size":
        assert architecture.kv_cache_bytes(config, 1) is None
