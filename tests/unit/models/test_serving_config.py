"""The serving config's file: what is written is read back, cheaply, and nothing else is."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from snakeval.models.placement import Placement
from snakeval.models.serving_config import (
    ServingConfig,
    ServingConfigError,
    read_serving_config,
    with_inferred,
    write_serving_config,
)
from snakeval.schema import Gpus, Reasoning

FIELDS = {
    "model": "some/model",
    "resolved_revision": "abc",
    "chat_template": None,
    "context_length": 40960,
    "prompt_margin": 5120,
    "max_tokens": 35840,
    "max_model_len": 40960,
    "dtype": "bfloat16",
    "num_parameters": 32_762_123_264,
    "weight_bytes": 65_524_246_528,
    "num_attention_heads": 64,
    "num_key_value_heads": 8,
    "kv_cache_bytes": 10 << 30,
    "tensor_parallel_size": 2,
    "pipeline_parallel_size": 1,
    "data_parallel_size": 4,
    "nodes": 1,
}


def serving_config(**by_hand: int) -> ServingConfig:
    provenance = dict.fromkeys(FIELDS, "inferred") | dict.fromkeys(by_hand, "set in config/models/x.yaml")
    provenance["sampling.stop"] = "set in config/models/x.yaml"
    values = FIELDS | by_hand
    return ServingConfig(**values, sampling={"stop": ["ä: b"]}, provenance=provenance)  # type: ignore[arg-type]


def test_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "configs" / "x.yaml"
    write_serving_config(path, serving_config())
    assert read_serving_config(path) == serving_config()


def test_the_file_says_where_each_value_came_from(tmp_path: Path) -> None:
    write_serving_config(tmp_path / "x.yaml", serving_config(max_tokens=100))
    document = yaml.safe_load((tmp_path / "x.yaml").read_text())
    assert list(document) == [*FIELDS, "sampling"]
    assert document["max_tokens"] == {"value": 100, "from": "set in config/models/x.yaml"}
    assert document["chat_template"] == {"value": None, "from": "inferred"}
    assert document["sampling"]["stop"] == {"value": ["ä: b"], "from": "set in config/models/x.yaml"}


def test_a_file_of_an_earlier_version(tmp_path: Path) -> None:
    write_serving_config(tmp_path / "x.yaml", serving_config())
    document = yaml.safe_load((tmp_path / "x.yaml").read_text())
    del document["pipeline_parallel_size"]
    (tmp_path / "x.yaml").write_text(yaml.safe_dump(document))
    found = read_serving_config(tmp_path / "x.yaml")
    assert (found.pipeline_parallel_size, found.reasoning) == (None, {})
    assert with_inferred(Reasoning(), found) == Reasoning()


def test_marks_of_reasoning(tmp_path: Path) -> None:
    values = {"start": ["<think>"], "end": ["</think>"], "prefilled": True}
    origins = {f"reasoning.{key}": f"where {key} is from" for key in values}
    config = serving_config()
    config = replace(config, reasoning=values, provenance={**config.provenance, **origins})
    write_serving_config(tmp_path / "x.yaml", config)
    assert read_serving_config(tmp_path / "x.yaml") == config
    document = yaml.safe_load((tmp_path / "x.yaml").read_text())
    assert document["reasoning"]["prefilled"] == {"value": True, "from": "where prefilled is from"}


DAMAGE: dict[str, Callable[[str], str]] = {
    "empty": lambda text: "",
    "no YAML": lambda text: text + "\n: :",
    "key missing": lambda text: text.replace("\nnodes:", "\nnotes:"),
    "value missing": lambda text: text.replace("  value: some/model\n", ""),
    "from another version": lambda text: text + "\nextra: {value: 1, from: x}\n",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    write_serving_config(path, serving_config())
    path.write_text(DAMAGE[damage](path.read_text()))
    with pytest.raises(ServingConfigError, match=r"(?s)x\.yaml: no serving config.*Delete the file"):
        read_serving_config(path)


PLACED = [
    ({}, Gpus(per_node=8, memory_gib=140), Placement(1, 8, 1)),
    ({}, Gpus(per_node=4, memory_gib=40), Placement(4, 1, 1)),
    ({}, Gpus(per_node=0), Placement(1, 1, 1)),
    ({"tensor_parallel_size": 2}, Gpus(per_node=8, memory_gib=140), Placement(2, 4, 1)),
    ({"data_parallel_size": 1}, Gpus(per_node=8, memory_gib=140), Placement(1, 1, 1)),
]


@pytest.mark.parametrize(("by_hand", "gpus", "expected"), PLACED)
def test_placed_anew(by_hand: dict[str, int], gpus: Gpus, expected: Placement) -> None:
    # What the file holds is older than what the model's file says now.
    assert serving_config(tensor_parallel_size=8).place(gpus, by_hand) == expected


def test_reading_imports_nothing_heavy() -> None:
    heavy = ("pydantic", "pyarrow", "huggingface_hub", "jinja2", "numpy", "pandas")
    program = (
        "import sys, snakeval.models.serving_config, snakeval.models.fingerprint\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
