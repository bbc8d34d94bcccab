"""Files that engine_args name are part of a model's identity, by their content."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from snakeval.dag import digests, identity
from snakeval.schema import Model

ADAPTER = "lora/one"
TEMPLATE = "chat.jinja"
# (engine_args, the paths that count)
ARGUMENTS: list[tuple[list[str], list[str]]] = [
    ([], []),
    (["--max-num-seqs", "8"], []),
    (["--chat-template", TEMPLATE], [TEMPLATE]),
    ([f"--chat-template={TEMPLATE}"], [TEMPLATE]),
    (["--chat_template", f"./{TEMPLATE}"], [f"./{TEMPLATE}"]),
    (["--enable-lora", "--lora-modules", f"one={ADAPTER}"], [ADAPTER]),
    (["--lora-modules", f"one={ADAPTER}", f"two={ADAPTER}"], [ADAPTER]),
    ([f"--lora-modules=one={ADAPTER}"], [ADAPTER]),
    (["--lora-modules", json.dumps({"name": "one", "path": ADAPTER, "base_model_name": "b"})], [ADAPTER]),
    (["--speculative-config", json.dumps({"model": ADAPTER, "num_speculative_tokens": 3})], [ADAPTER]),
    (["--speculative-config", "{not JSON"], []),
    (["--download-dir", "logs"], []),
    (["--chat-template", "none.jinja"], []),
    (["--quantization", "fp8", "--served=lora"], []),
]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ADAPTER).mkdir(parents=True)
    (tmp_path / "logs").mkdir()
    (tmp_path / ADAPTER / "adapter_model.safetensors").write_bytes(b"weights")
    (tmp_path / TEMPLATE).write_text("{{ messages }}")
    monkeypatch.chdir(tmp_path)
    for cached in (digests.content, digests.folder_content):
        cached.cache_clear()
    return tmp_path


@pytest.mark.parametrize(("arguments", "paths"), ARGUMENTS)
def test_files_among_arguments(arguments: list[str], paths: list[str], root: Path) -> None:
    model = identity.model(Model(model="org/base", engine_args=tuple(arguments)))
    assert list(model.get("engine_files", {})) == paths
    assert paths or "engine_files" not in model, "a key more makes outputs stale"


@pytest.mark.parametrize("name", [TEMPLATE, f"{ADAPTER}/adapter_model.safetensors"])
def test_another_content_is_another_model(name: str, root: Path) -> None:
    model = Model(
        model="org/base", engine_args=("--chat-template", TEMPLATE, "--lora-modules", f"one={ADAPTER}")
    )
    before = identity.model(model)
    (root / name).write_bytes(b"other")
    for cached in (digests.content, digests.folder_content):
        cached.cache_clear()
    after = identity.model(model)
    changed = {key for key in before if before[key] != after[key]}
    assert changed == {"engine_files"}
