"""What the serve rule passes: JSON, completed by the serving config."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from snakeval.models.serving_config import ServingConfig, write_serving_config
from snakeval.serving.spec import ServeSpec, SpecError, read_spec

GIB = 1 << 30
MINIMAL = {"served_model_name": "name", "model": "org/model"}


def config_file(path: Path, **changes: Any) -> Path:
    values: dict[str, Any] = {
        "model": "org/big",
        "resolved_revision": "abc",
        "chat_template": "tokenizer_config.json",
        "context_length": 4096,
        "prompt_margin": 1024,
        "max_tokens": 3072,
        "max_model_len": 4096,
        "dtype": "bfloat16",
        "num_parameters": 8,
        "weight_bytes": 100 * GIB,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "kv_cache_bytes": GIB,
        "tensor_parallel_size": 2,
        "pipeline_parallel_size": 1,
        "data_parallel_size": 4,
        "nodes": 1,
        **changes,
    }
    provenance = dict.fromkeys(values, "inferred")
    write_serving_config(path, ServingConfig(**values, sampling={}, provenance=provenance))
    return path


@pytest.mark.parametrize("indirect", [False, True])
def test_from_json_or_a_file(tmp_path: Path, indirect: bool) -> None:
    text = json.dumps({**MINIMAL, "engine_args": ["--seed", "1"], "dtype": None})
    if indirect:
        (tmp_path / "spec.json").write_text(text)
        text = str(tmp_path / "spec.json")
    assert read_spec(text) == ServeSpec("name", "org/model", engine_args=("--seed", "1"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"served_model_name": "x"}', "model is missing"),
        ('{"model": "x", "port": 8000}', "unknown port; known are served_model_name, model"),
        ("{", "not JSON"),
    ],
)
def test_errors_name_the_key(text: str, expected: str) -> None:
    with pytest.raises(SpecError, match=expected):
        read_spec(text)


def test_the_serving_config_fills_in_and_the_spec_stands_over_it(tmp_path: Path) -> None:
    config = config_file(tmp_path / "config.yaml")
    spec = read_spec(
        '{"served_model_name": "name", "dtype": "float16", "tensor_parallel_size": null}', config
    )
    assert spec == ServeSpec(
        "name",
        "org/big",
        revision="abc",
        max_model_len=4096,
        dtype="float16",
        tensor_parallel_size=2,
        pipeline_parallel_size=1,
        data_parallel_size=4,
        nodes=1,
        kv_cache_bytes=GIB,
    )


@pytest.mark.parametrize(
    ("gpus", "expected"),
    [
        ({"per_node": 8, "memory_gib": 160}, (1, 8, False)),
        ({"per_node": 8, "memory_gib": 80}, (2, 4, False)),
        ({"per_node": 4, "memory_gib": 40}, (4, 1, False)),
        ({"per_node": 0, "memory_gib": 80}, (1, 1, True)),
    ],
)
def test_the_model_is_placed_on_the_gpus_there_are(
    tmp_path: Path, gpus: dict[str, float], expected: tuple[int, int, bool]
) -> None:
    text = json.dumps({"served_model_name": "name", "gpus": gpus})
    spec = read_spec(text, config_file(tmp_path / "config.yaml"))
    assert (spec.tensor_parallel_size, spec.data_parallel_size, spec.on_cpu) == expected


def test_several_nodes(tmp_path: Path) -> None:
    text = json.dumps({"served_model_name": "name", "gpus": {"per_node": 1, "memory_gib": 80}})
    spec = read_spec(text, config_file(tmp_path / "config.yaml"))
    assert (spec.tensor_parallel_size, spec.pipeline_parallel_size, spec.data_parallel_size) == (1, 2, 1)
    assert spec.nodes == 2


def test_what_the_models_file_sets_now_stands_over_an_older_serving_config(tmp_path: Path) -> None:
    gpus = {"per_node": 8, "memory_gib": 80}
    text = json.dumps({"served_model_name": "name", "gpus": gpus, "tensor_parallel_size": 4, "nodes": 2})
    spec = read_spec(text, config_file(tmp_path / "config.yaml", data_parallel_size=8))
    assert (spec.tensor_parallel_size, spec.data_parallel_size, spec.nodes) == (4, 4, 2)
