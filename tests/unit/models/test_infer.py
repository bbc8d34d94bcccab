"""Serving configs of real models' config.json, what is set by hand, and contradictions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from snakeval.models.files import ModelFiles
from snakeval.models.infer import InferError, default_margin, infer, infer_config
from snakeval.models.serving_config import read_serving_config
from snakeval.schema import Gpus, Model, Sampling
from unit.models import model_configs as models
from unit.models.fake_hub import COMMIT

H100 = Gpus(per_node=8, memory_gib=80)
CPU = Gpus()
SOURCE = "config/models/x.yaml"
SET = f"set in {SOURCE}"


def files(
    config: dict[str, Any], weight_bytes: int | None = None, generation: dict[str, Any] | None = None
) -> ModelFiles:
    return ModelFiles(
        path=Path("cache"),
        resolved_revision=COMMIT,
        origin="commit on the Hugging Face hub",
        config=config,
        generation_config=generation,
        chat_template="tokenizer_config.json",
        weight_bytes=weight_bytes,
    )


# (context, margin): an eighth, within 4096 and 32768, at least 256 tokens and never nothing for the answer
MARGINS = [
    (1_048_576, 32768),
    (262_144, 32768),
    (262_136, 32767),
    (163_840, 20480),
    (131_072, 16384),
    (40_960, 5120),
    (32_768, 4096),
    (32_760, 4095),
    (16_384, 2048),
    (8_192, 1024),
    (4_096, 512),
    (2_048, 512),
    (1_024, 512),
    (768, 512),
    (767, 511),
    (512, 256),
    (300, 44),
    (257, 1),
    (256, 1),
    (2, 1),
]


@pytest.mark.parametrize(("context", "margin"), MARGINS)
def test_default_margin(context: int, margin: int) -> None:
    assert default_margin(context) == margin


def test_qwen3() -> None:
    generation = {"do_sample": True, "temperature": 0.6, "top_k": 20, "top_p": 0.95, "eos_token_id": [1]}
    config = infer(
        Model(model="Qwen/Qwen3-32B"), files(models.QWEN3_32B, 65_524_246_528, generation), H100, SOURCE
    )
    assert (config.model, config.resolved_revision) == ("Qwen/Qwen3-32B", COMMIT)
    assert (config.context_length, config.prompt_margin, config.max_tokens) == (40960, 5120, 35840)
    assert config.max_model_len == 40960
    assert (config.dtype, config.num_parameters, config.weight_bytes) == (
        "bfloat16",
        32_762_123_264,
        65_524_246_528,
    )
    assert (config.tensor_parallel_size, config.data_parallel_size, config.nodes) == (2, 4, 1)
    assert config.kv_cache_bytes == 10 << 30
    assert config.sampling == {"temperature": 0.6, "top_k": 20, "top_p": 0.95}
    origins = {
        "model": SET,
        "resolved_revision": "inferred: commit on the Hugging Face hub",
        "chat_template": "tokenizer_config.json",
        "context_length": "config.json: max_position_embeddings",
        "dtype": "config.json: dtype",
        "max_tokens": "inferred: context_length - prompt_margin",
        "tensor_parallel_size": "inferred: 8 GPUs a node of 80 GiB",
        "sampling.top_k": "generation_config.json: top_k",
    }
    assert {key: config.provenance[key] for key in origins} == origins


# (config.json, bytes of the weights' files as published, some rounded, context, (TP, DP, nodes) on H100)
REAL = [
    (models.LLAMA_31_8B, 16_060_522_496, 131072, (1, 8, 1)),
    (models.QWEN3_30B_A3B, 61_064_245_248, 40960, (2, 4, 1)),
    (models.MIXTRAL_8X7B, 93_405_585_408, 32768, (2, 4, 1)),
    (models.MISTRAL_7B_V01, 14_483_464_192, 32768, (1, 8, 1)),
    (models.DEEPSEEK_V3, 688_600_000_000, 163840, (8, 1, 2)),
    (models.GPT_OSS_120B, 65_200_000_000, 131072, (2, 4, 1)),
    (models.PHI_3_MINI_128K, 7_642_159_104, 131072, (1, 8, 1)),
    (models.GPT_2, 548_105_171, 1024, (1, 8, 1)),
]


@pytest.mark.parametrize(
    ("config", "weights", "context", "placed"), REAL, ids=[r[0]["model_type"] for r in REAL]
)
def test_real_models(
    config: dict[str, Any], weights: int, context: int, placed: tuple[int, int, int]
) -> None:
    found = infer(Model(model="some/model"), files(config, weights), H100)
    assert found.context_length == found.max_model_len == context
    assert (found.tensor_parallel_size, found.data_parallel_size, found.nodes) == placed
    on_cpu = infer(Model(model="some/model"), files(config, weights), CPU)
    assert (on_cpu.tensor_parallel_size, on_cpu.data_parallel_size, on_cpu.nodes) == (1, 1, 1)
    assert on_cpu.provenance["nodes"] == "inferred: no GPU"


# (dtype in config.json, dtype by hand, dtype served, bytes of 100 parameters as served)
DTYPES = [
    ("bfloat16", None, "bfloat16", 200),
    ("float16", None, "float16", 200),
    ("float32", None, "bfloat16", 200),
    ("float32", "float32", "float32", 400),
    ("bfloat16", "float32", "float32", 400),
    ("float32", "auto", "auto", 200),
    (None, None, "auto", 200),
    ("float8_e4m3fn", None, "auto", 200),
]


@pytest.mark.parametrize(("stored", "given", "served", "weight_bytes"), DTYPES)
def test_dtype(stored: str | None, given: Any, served: str, weight_bytes: int) -> None:
    on_disk = 400 if stored == "float32" else 200
    config = infer(
        Model(model="m", dtype=given), files({"n_ctx": 512, "dtype": stored}, on_disk), CPU, SOURCE
    )
    assert (config.dtype, config.weight_bytes, config.num_parameters) == (served, weight_bytes, 100)
    assert (config.provenance["dtype"] == SET) == (given is not None)


def test_quantized_weights_are_taken_as_they_are() -> None:
    config = infer(Model(model="m"), files(models.DEEPSEEK_V3, 688_600_000_000), CPU)
    assert config.weight_bytes == 688_600_000_000
    assert config.num_parameters == pytest.approx(671e9, rel=0.01)
    assert "fp8" in config.provenance["weight_bytes"]
    assert "estimated" in config.provenance["num_parameters"]


def test_weights_of_unknown_size_are_estimated() -> None:
    config = infer(Model(model="m"), files(models.QWEN3_32B), H100)
    assert config.weight_bytes == pytest.approx(65_524_246_528, rel=0.01)
    assert config.tensor_parallel_size == 2
    unknown = infer(Model(model="m"), files({"n_ctx": 512}), H100)
    assert (unknown.weight_bytes, unknown.tensor_parallel_size) == (None, 1)
    assert "unknown size" in unknown.provenance["tensor_parallel_size"]


# (set by hand, (context_length, prompt_margin, max_tokens, max_model_len)) of a model with 131072
LENGTHS: list[tuple[dict[str, int], tuple[int, int, int, int]]] = [
    ({}, (131072, 16384, 114688, 131072)),
    ({"context_length": 32768}, (32768, 4096, 28672, 32768)),
    ({"context_length": 8192}, (8192, 1024, 7168, 8192)),
    ({"context_length": 4096}, (4096, 512, 3584, 4096)),
    # A short answer leaves room for a prompt.
    ({"context_length": 4096, "max_tokens": 512}, (4096, 3584, 512, 4096)),
    ({"context_length": 16384, "max_tokens": 512}, (16384, 4096, 512, 4608)),
    ({"context_length": 4096, "max_tokens": 3900}, (4096, 196, 3900, 4096)),
    ({"prompt_margin": 1000}, (131072, 1000, 130072, 131072)),
    ({"max_tokens": 4096}, (131072, 16384, 4096, 20480)),
    ({"max_tokens": 131000}, (131072, 72, 131000, 131072)),
    ({"max_tokens": 131071}, (131072, 1, 131071, 131072)),
    ({"prompt_margin": 2048, "max_tokens": 2048}, (131072, 2048, 2048, 4096)),
    ({"context_length": 200000, "max_tokens": 150000}, (200000, 25000, 150000, 175000)),
]


@pytest.mark.parametrize(("given", "expected"), LENGTHS)
def test_lengths_by_hand(given: dict[str, Any], expected: tuple[int, int, int, int]) -> None:
    config = infer(Model(model="m", **given), files(models.LLAMA_31_8B), CPU, SOURCE)
    found = (config.context_length, config.prompt_margin, config.max_tokens, config.max_model_len)
    assert found == expected
    keys = ("context_length", "prompt_margin", "max_tokens")
    assert {key for key in keys if config.provenance[key] == SET} == set(given)


CONTRADICTIONS: list[tuple[dict[str, Any], Gpus, list[str]]] = [
    ({"max_tokens": 131072}, CPU, ["max_tokens 131072", "context_length, 131072", "config.json"]),
    ({"prompt_margin": 131072}, CPU, ["prompt_margin 131072"]),
    ({"prompt_margin": 65537, "max_tokens": 65536}, CPU, ["65537", "65536"]),
    ({"context_length": 1}, CPU, ["context_length, 1", SET]),
    ({"data_parallel_size": 9}, H100, ["data_parallel_size: 9", "gpus.per_node"]),
    ({}, Gpus(per_node=1, memory_gib=1), ["do not fit", "context_length", "tensor_parallel_size"]),
]


@pytest.mark.parametrize(("given", "gpus", "words"), CONTRADICTIONS)
def test_contradictions(given: dict[str, Any], gpus: Gpus, words: list[str]) -> None:
    with pytest.raises(InferError) as caught:
        infer(Model(model="m", **given), files(models.LLAMA_31_8B, 16_060_522_496), gpus, SOURCE)
    assert [word for word in [SOURCE, *words] if word not in str(caught.value)] == []


def test_no_context_length_anywhere() -> None:
    with pytest.raises(InferError, match=r"states no context length.*set context_length"):
        infer(Model(model="m"), files({"hidden_size": 64}), CPU)
    assert infer(Model(model="m", context_length=512), files({"hidden_size": 64}), CPU).max_tokens == 256


def test_hosted_model() -> None:
    model = Model(
        model="gpt-9", hosted=True, engine="external", max_tokens=1000, sampling=Sampling(temperature=1)
    )
    config = infer(model, None, H100, SOURCE)
    assert (config.model, config.max_tokens, config.sampling) == ("gpt-9", 1000, {})
    assert config.provenance["max_tokens"] == SET
    unknown = ("context_length", "prompt_margin", "max_model_len", "dtype", "tensor_parallel_size", "nodes")
    assert [getattr(config, key) for key in unknown] == [None] * len(unknown)
    assert {config.provenance[key] for key in unknown} == {"unknown"}
    assert infer(Model(model="gpt-9", hosted=True), None, H100).max_tokens is None


def test_external_server_of_a_folder_here() -> None:
    model = Model(model="m", engine="external", base_urls=("http://host/v1",))
    config = infer(model, files(models.QWEN3_32B), Gpus(per_node=1, memory_gib=1))
    assert (config.max_tokens, config.tensor_parallel_size) == (35840, None)
    assert infer(model, files({}), CPU).max_tokens is None


def test_file(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "mine"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(models.GPT_2))
    output = tmp_path / "results" / "configs" / "mine.yaml"
    config = infer_config("mine", Model(model="models/mine", max_tokens=9), CPU, output, tmp_path)
    assert read_serving_config(output) == config
    assert (config.prompt_margin, config.max_tokens) == (768, 9)


def test_file_of_a_model_that_is_not_there(tmp_path: Path) -> None:
    output = tmp_path / "mine.yaml"
    with pytest.raises(InferError, match=r"config/models \(mine\): .*there is no folder"):
        infer_config("mine", Model(model="./models/mine"), CPU, output, tmp_path)
    assert not output.exists()
