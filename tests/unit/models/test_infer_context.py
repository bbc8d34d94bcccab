"""A context that no node can hold, and what is inferred for a server that somebody else runs."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from snakeval.models import architecture
from snakeval.models.files import ModelFiles
from snakeval.models.infer import InferError, infer, infer_config
from snakeval.models.placement import GIB
from snakeval.models.serving_config import ServingConfig
from snakeval.schema import Gpus, Model
from unit.models import model_configs as models
from unit.models.count_architectures import read

ROWS = read()
H100 = Gpus(per_node=8, memory_gib=80)
LAPTOP = Gpus(per_node=1, memory_gib=24)
SCOUT = ROWS["meta-llama/Llama-4-Scout-17B-16E-Instruct"]["config"]
TEXT_01 = ROWS["MiniMaxAI/MiniMax-Text-01-hf"]["config"]
MIMO = ROWS["XiaomiMiMo/MiMo-V2-Flash"]["config"]
MAVERICK = ROWS["meta-llama/Llama-4-Maverick-17B-128E-Instruct"]["config"]
LLAMA_8B = models.LLAMA_31_8B


def inferred(config: dict[str, Any], gpus: Gpus, **given: Any) -> ServingConfig:
    files = ModelFiles(Path("cache"), "0", "here", {**config, "dtype": "bfloat16"}, None, None, None)
    return infer(Model(model="m", **given), files, gpus, "config/models/m.yaml")


# (what, config, GPUs, set by hand, context, (TP, DP, nodes, PP)); a context that is cut is in STEPs of 1024
CONTEXTS: list[tuple[str, dict[str, Any], Gpus, dict[str, Any], int, tuple[int, ...]]] = [
    ("10 M on the node of its weights", SCOUT, H100, {}, 6_098_944, (8, 1, 1, 1)),
    ("10 M on the two nodes of its weights", TEXT_01, H100, {}, 5_946_368, (8, 1, 2, 2)),
    ("1 M fits on the two nodes of its weights", MAVERICK, H100, {}, 1_048_576, (8, 1, 2, 2)),
    ("more nodes where the file asks", SCOUT, H100, {"nodes": 2}, 10_485_760, (8, 1, 2, 2)),
    ("a context by hand", SCOUT, H100, {"context_length": 10_485_760}, 10_485_760, (8, 1, 2, 2)),
    ("a smaller one by hand", SCOUT, H100, {"context_length": 131_072}, 131_072, (4, 2, 1, 1)),
    ("a short answer needs no cut", SCOUT, H100, {"max_tokens": 8192}, 10_485_760, (4, 2, 1, 1)),
    ("a long answer by hand is cut", SCOUT, H100, {"max_tokens": 5_000_000}, 10_485_760, (8, 1, 1, 1)),
    ("an answer that a node can't hold", SCOUT, H100, {"max_tokens": 9_000_000}, 10_485_760, (8, 1, 2, 2)),
    ("sizes by hand", SCOUT, H100, {"tensor_parallel_size": 8}, 6_098_944, (8, 1, 1, 1)),
    ("131072 on 24 GiB", LLAMA_8B, LAPTOP, {}, 39_936, (1, 1, 1, 1)),
    ("131072 on 24 GiB, twice", LLAMA_8B, LAPTOP, {"nodes": 2}, 131_072, (1, 1, 2, 2)),
    ("131072 on two of 24 GiB", LLAMA_8B, Gpus(per_node=2, memory_gib=24), {}, 131_072, (2, 1, 1, 1)),
    ("131072 on 80 GiB", LLAMA_8B, H100, {}, 131_072, (1, 8, 1, 1)),
    ("weights that fill a node to the brim take two", MIMO, H100, {}, 262_144, (8, 1, 2, 2)),
    ("no GPU", SCOUT, Gpus(), {}, 10_485_760, (1, 1, 1, 1)),
]


@pytest.mark.parametrize("row", CONTEXTS, ids=[row[0] for row in CONTEXTS])
def test_context(row: tuple[str, dict[str, Any], Gpus, dict[str, Any], int, tuple[int, ...]]) -> None:
    _, config, gpus, given, context, placed = row
    found = inferred(config, gpus, **given)
    assert found.context_length == context
    sizes = (found.tensor_parallel_size, found.data_parallel_size, found.nodes, found.pipeline_parallel_size)
    assert sizes == placed
    assert found.max_model_len is not None
    assert found.max_model_len <= context
    whole = architecture.context_length(architecture.text_part(config))
    assert whole is not None
    if gpus.per_node and context < whole[0] and "context_length" not in given:
        assert f"cut from {whole[0]}" in found.provenance["context_length"]
    else:
        assert "cut" not in found.provenance["context_length"]


def test_what_is_cut_is_said(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        found = inferred(SCOUT, H100)
    words = ["config/models/m.yaml", "6098944", "10485760", "80 GiB", "'nodes'", "context_length"]
    assert [word for word in words if word not in caplog.text] == []
    # Room is left for what the engine needs beside.
    assert found.weight_bytes is not None
    assert found.kv_cache_bytes is not None
    assert found.weight_bytes + found.kv_cache_bytes < 0.8 * 640 * GIB


def test_weights_that_no_node_holds_are_no_matter_of_context() -> None:
    with pytest.raises(InferError, match="do not fit on 8 nodes"):
        inferred(LLAMA_8B, Gpus(per_node=1, memory_gib=1))


# (dtype by hand, the engine's --kv-cache-dtype, bytes of a number in the cache)
CACHED: list[tuple[str | None, tuple[str, ...], int]] = [
    (None, (), 2),
    ("float32", (), 4),
    (None, ("--kv-cache-dtype", "auto"), 2),
    (None, ("--kv-cache-dtype", "fp8"), 1),
    (None, ("--kv-cache-dtype=fp8_e5m2",), 1),
    ("float32", ("--kv-cache-dtype=fp8",), 1),
    ("float32", ("--kv-cache-dtype=bfloat16",), 2),
]


@pytest.mark.parametrize(("dtype", "arguments", "bytes_each"), CACHED)
def test_type_of_the_cache(dtype: str | None, arguments: tuple[str, ...], bytes_each: int) -> None:
    found = inferred(LLAMA_8B, H100, dtype=dtype, engine_args=arguments)
    assert found.kv_cache_bytes == 131_072 * 32 * 2 * 8 * 128 * bytes_each


def test_a_smaller_cache_is_cut_later() -> None:
    found = inferred(LLAMA_8B, LAPTOP, engine_args=("--kv-cache-dtype", "fp8"))
    assert found.context_length == 2 * 39_936 + 1024


# Where a copy that is smaller than was thought goes: (model, GPUs, context, (TP, DP, nodes))
SMALLER = [
    ("Qwen/Qwen3.5-27B", H100, 262_144, (1, 8, 1)),  # 16 of 64 layers have a cache
    ("Qwen/Qwen3-Next-80B-A3B-Instruct", H100, 262_144, (4, 2, 1)),
    ("nvidia/NVIDIA-Nemotron-Nano-9B-v2", LAPTOP, 131_072, (1, 1, 1)),  # 2 GiB of cache, not 28
    ("ibm-granite/granite-4.0-h-tiny", LAPTOP, 131_072, (1, 1, 1)),
    ("CohereLabs/c4ai-command-a-03-2025", H100, 131_072, (4, 2, 1)),
    ("google/gemma-4-31B-it, text part", H100, 262_144, (2, 4, 1)),
    ("tiiuae/falcon-7b", LAPTOP, 2_048, (1, 1, 1)),
    ("MiniMaxAI/MiniMax-M2", H100, 196_608, (8, 1, 1)),
    ("moonshotai/Kimi-Linear-48B-A3B-Instruct", H100, 1_048_576, (2, 4, 1)),
    ("ai21labs/AI21-Jamba-Mini-1.5", H100, 262_144, (2, 4, 1)),
    ("baidu/ERNIE-4.5-21B-A3B-PT", LAPTOP, 34_816, (1, 1, 2)),  # 41 GiB of weights, not 6
]


@pytest.mark.parametrize(("name", "gpus", "context", "placed"), SMALLER)
def test_placed(name: str, gpus: Gpus, context: int, placed: tuple[int, int, int]) -> None:
    found = inferred(ROWS[name]["config"], gpus)
    assert found.context_length == context
    assert (found.tensor_parallel_size, found.data_parallel_size, found.nodes) == placed


@pytest.mark.parametrize(("gpus", "kept"), [(H100, 512), (Gpus(), 32_768)])
def test_the_cpu_keeps_what_has_left_a_window(gpus: Gpus, kept: int) -> None:
    found = inferred(ROWS["google/gemma-3-1b-it"]["config"], gpus)
    assert found.kv_cache_bytes == 1024 * (4 * 32_768 + 22 * kept)


# (config.json, what the model's file sets, (context_length, max_tokens, max_model_len) that are known)
ELSEWHERE: list[tuple[dict[str, Any], dict[str, Any], tuple[int | None, ...]]] = [
    ({"n_ctx": 4096}, {"max_tokens": 1024}, (4096, 1024, 4096)),
    # The server may have been started with more than config.json says.
    ({"n_ctx": 4096}, {"max_tokens": 8192}, (None, 8192, None)),
    ({"n_ctx": 4096}, {"prompt_margin": 5000}, (None, None, None)),
    ({"n_ctx": [4096]}, {"max_tokens": 8192}, (None, 8192, None)),
    ({}, {}, (None, None, None)),
    ({"num_hidden_layers": [], "hidden_size": "x", "num_attention_heads": {}}, {}, (None, None, None)),
    ({"n_ctx": 4096}, {"context_length": 32768}, (32768, 28672, 32768)),
]


@pytest.mark.parametrize(("config", "given", "known"), ELSEWHERE)
def test_external(config: dict[str, Any], given: dict[str, Any], known: tuple[int | None, ...]) -> None:
    model = {"engine": "external", "base_urls": ("http://host/v1",), **given}
    found = inferred(config, Gpus(per_node=1, memory_gib=1), **model)
    lengths = (found.context_length, found.max_tokens, found.max_model_len)
    assert lengths[0] == known[0]
    assert (lengths[1] if "max_tokens" in given or known[0] else None) == known[1]
    assert (lengths[2] is None) == (known[2] is None)
    assert found.tensor_parallel_size is None


def test_external_contradicts_itself() -> None:
    """What is set by hand is no estimate."""
    with pytest.raises(InferError, match="max_tokens 8192"):
        inferred(
            {},
            Gpus(),
            engine="external",
            base_urls=("http://host/v1",),
            context_length=4096,
            max_tokens=8192,
        )


BROKEN = {"config.json": "{", "generation_config.json": "[]", "tokenizer_config.json": "{"}


@pytest.mark.parametrize("name", BROKEN)
def test_a_folder_that_can_not_be_read(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(models.GPT_2))
    (folder / name).write_text(BROKEN[name])
    external = Model(model="mine", engine="external", base_urls=("http://host/v1",), max_tokens=9)
    assert infer_config("m", external, Gpus(), tmp_path / "m.yaml", tmp_path).max_tokens == 9
    with pytest.raises(InferError, match=name):
        infer_config("m", Model(model="mine"), Gpus(), tmp_path / "other.yaml", tmp_path)


GENERATION: list[tuple[object, object]] = [
    (0.6, 0.6),
    (1, 1),
    ("0.6", None),
    ([0.6], None),
    (True, None),
    (None, None),
]


@pytest.mark.parametrize(("stated", "taken"), GENERATION)
def test_sampling_defaults_are_numbers(stated: object, taken: object) -> None:
    files = ModelFiles(Path("cache"), "0", "here", {"n_ctx": 512}, {"temperature": stated}, None, None)
    sampling = infer(Model(model="m"), files, Gpus()).sampling
    assert sampling.get("temperature") == taken
    assert ("temperature" in sampling) == (taken is not None)
