"""Folders and repositories that hold no model which the engine can load."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from snakeval.models.checkpoints import missing, missing_files
from snakeval.models.files import Hub, ModelFilesError, resolve
from snakeval.models.kinds import base_of, other_than_a_model, weights_in
from snakeval.schema import Model
from unit.models.fake_hub import FakeHub

CONFIG, ADAPTER, WEIGHTS = "config.json", "adapter_config.json", "adapter_model.safetensors"
INDEX = "model.safetensors.index.json"
# (files, words of what is wrong; None where it is a model)
FOLDERS: list[tuple[list[str], str | None]] = [
    ([CONFIG, "model.safetensors"], None),
    ([CONFIG, "pytorch_model.bin", "training_args.bin", "optimizer.pt"], None),
    ([CONFIG, "model.safetensors", "model-Q4_K_M.gguf"], None),
    ([CONFIG, "model.safetensors", "consolidated.safetensors", "params.json", "tekken.json"], None),
    (
        [ADAPTER, WEIGHTS, "tokenizer.json"],
        "LoRA adapter (adapter_config.json) without the weights of 'base'",
    ),
    ([CONFIG, ADAPTER, WEIGHTS], "merge_and_unload"),
    ([CONFIG, ADAPTER, "adapter_model.bin", "training_args.bin"], "LoRA adapter"),
    ([CONFIG, ADAPTER, "adapter_model.bin", "optimizer.pt", "rng_state.pth"], "LoRA adapter"),
    ([CONFIG, ADAPTER, WEIGHTS, "model.safetensors"], "beside weights"),
    # A merged model, which PEFT's own file was left beside.
    ([CONFIG, ADAPTER, "model.safetensors"], None),
    ([CONFIG, ADAPTER, WEIGHTS, "model-00001-of-00001.safetensors", INDEX], None),
    (["model-Q4_K_M.gguf"], "GGUF"),
    (["model-Q4_K_M.gguf", "model-Q8_0.gguf"], "'engine: llama_cpp' serves it"),
    ([CONFIG, "a.gguf", "b.gguf"], "engine: external"),
    (["params.json", "consolidated.safetensors", "tekken.json"], "Mistral's own format"),
    (["README.md"], None),
]


@pytest.mark.parametrize(("names", "words"), FOLDERS)
def test_what_a_folder_is_instead(names: list[str], words: str | None) -> None:
    found = other_than_a_model(names, "base")
    assert (found is None) == (words is None)
    assert words is None or words in str(found)
    assert words is None or missing_files(set(names), "base") == found


def test_what_a_trainer_saves_beside_is_no_weight() -> None:
    names = ["optimizer.pt", "scheduler.pt", "rng_state_0.pth", "training_args.bin", "scaler.pt", WEIGHTS]
    assert weights_in(names) == []
    assert missing_files({CONFIG, *names[:-1]}) == "no weights (*.safetensors, *.bin, *.pt, *.pth, *.gguf)"


def test_the_base_is_named(tmp_path: Path) -> None:
    assert base_of(tmp_path) is None
    (tmp_path / ADAPTER).write_text(json.dumps({"base_model_name_or_path": "org/base"}))
    (tmp_path / WEIGHTS).write_bytes(b"\2\0\0\0\0\0\0\0{}")
    assert "without the weights of 'org/base'" in str(missing(tmp_path))
    for text in ("[]", "{", json.dumps({"base_model_name_or_path": None})):
        (tmp_path / ADAPTER).write_text(text)
        assert base_of(tmp_path) is None


def test_repositories_on_the_hub(tmp_path: Path) -> None:
    hub = FakeHub(tmp_path)
    hub.add(ADAPTER, json.dumps({"base_model_name_or_path": "org/base"}))
    hub.add(WEIGHTS, "")
    with pytest.raises(ModelFilesError, match=r"'org/lora' is a LoRA adapter .* of 'org/base'"):
        resolve(Model(model="org/lora"), tmp_path, Hub(hub.model_info, hub.download))
    gguf = FakeHub(tmp_path / "gguf")
    gguf.add("model-Q8_0.gguf", "")
    with pytest.raises(ModelFilesError, match="'org/gguf' has its weights in GGUF only"):
        resolve(Model(model="org/gguf"), tmp_path, Hub(gguf.model_info, gguf.download))
