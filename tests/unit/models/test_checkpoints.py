"""Complete checkpoints, and views of those whose index names other files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from snakeval.dag.identity import model as identity_of
from snakeval.models.checkpoints import INDEX, corrected_index, missing, served_folder, tensors
from snakeval.models.fingerprint import fingerprint
from snakeval.models.serving_config import ServingConfig, write_serving_config
from snakeval.serving.spec import read_spec


def weights(path: Path, *names: str, cut: int = 0) -> None:
    """A safetensors file with tensors of four bytes, the last `cut` bytes not written."""
    entries = {
        name: {"dtype": "F32", "shape": [1], "data_offsets": [4 * i, 4 * i + 4]}
        for i, name in enumerate(names)
    }
    header = json.dumps({"__metadata__": {"format": "pt"}, **entries}).encode()
    content = len(header).to_bytes(8, "little") + header + bytes(4 * len(names))
    path.write_bytes(content[: len(content) - cut])


def index(folder: Path, **files: str) -> None:
    """An index that says which tensor is in which file."""
    (folder / INDEX).write_text(json.dumps({"metadata": {"total_size": 8}, "weight_map": files}))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkpoint whose index names another file than there is."""
    path = tmp_path / "step-100"
    path.mkdir()
    (path / "config.json").write_text("{}")
    weights(path / "model.safetensors", "a", "b")
    index(path, a="model-00001-of-00001.safetensors", b="model-00001-of-00001.safetensors")
    return path


INCOMPLETE: dict[str, tuple[Callable[[Path], object], str]] = {
    "no config": (lambda f: (f / "config.json").unlink(), "no config.json"),
    "half a config": (lambda f: (f / "config.json").write_text('{"a": '), "config.json is not (yet) JSON"),
    "no weights": (lambda f: (f / "model.safetensors").unlink(), "no weights"),
    "cut in the data": (lambda f: weights(f / "model.safetensors", "a", "b", cut=3), "model.safetensors has"),
    "cut in the header": (lambda f: weights(f / "model.safetensors", "a", cut=20), "ends in its header"),
    "just begun": (lambda f: (f / "model.safetensors").write_bytes(b""), "after 0 bytes"),
    "no header": (lambda f: (f / "model.safetensors").write_bytes(b"\4" + bytes(11)), "no readable header"),
    "half an index": (lambda f: (f / INDEX).write_text('{"weight_map"'), f"{INDEX} is not (yet) JSON"),
    "a tensor that no file has": (
        lambda f: index(f, a="model-00001-of-00002.safetensors", z="model-00002-of-00002.safetensors"),
        "no model-00001-of-00002.safetensors, which",
    ),
    "a shard not there yet": (
        lambda f: weights(f / "model-00001-of-00002.safetensors", "a"),
        "no model-00002-of-00002.safetensors",
    ),
    "a .bin shard not there yet": (
        lambda f: (f / "pytorch_model-00002-of-00002.bin").write_bytes(b"x"),
        "no pytorch_model-00001-of-00002.bin",
    ),
}


@pytest.mark.parametrize("case", INCOMPLETE)
def test_what_an_incomplete_checkpoint_lacks(case: str, folder: Path) -> None:
    edit, message = INCOMPLETE[case]
    assert missing(folder) is None
    edit(folder)
    assert message in (missing(folder) or "")


def test_a_bin_index(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    (folder / INDEX).rename(folder / "pytorch_model.bin.index.json")
    assert missing(folder) == "no model-00001-of-00001.safetensors, which pytorch_model.bin.index.json names"


def test_tensors_of_a_file(folder: Path) -> None:
    assert tensors(folder / "model.safetensors") == {"a", "b"}


def test_a_right_index_is_left_alone(folder: Path) -> None:
    index(folder, a="model.safetensors", b="model.safetensors")
    assert corrected_index(folder) is None
    assert served_folder(folder) == folder
    (folder / INDEX).unlink()
    assert corrected_index(folder) is None


def test_several_files_under_other_names(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    weights(folder / "model-00001-of-00002.safetensors", "a")
    weights(folder / "model-00002-of-00002.safetensors", "b")
    found = corrected_index(folder)
    assert found is not None
    assert found["weight_map"] == {
        "a": "model-00001-of-00002.safetensors",
        "b": "model-00002-of-00002.safetensors",
    }
    assert found["metadata"] == {"total_size": 8}


def test_a_tied_tensor_that_only_the_index_has(folder: Path) -> None:
    name = "model-00001-of-00001.safetensors"
    index(folder, a=name, b=name, tied=name)
    found = corrected_index(folder)
    assert found is not None
    assert found["weight_map"] == {"a": "model.safetensors", "b": "model.safetensors"}


def test_weights_that_are_there_twice_are_taken_once(folder: Path) -> None:
    weights(folder / "consolidated.safetensors", "a", "b")
    found = corrected_index(folder)
    assert found is not None
    assert set(found["weight_map"].values()) == {"model.safetensors"}


def test_a_view_stands_beside_the_original(folder: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    view = served_folder(folder, tmp_path / "views")
    assert view.parent == tmp_path / "views"
    assert view.name == f"step-100-{fingerprint(folder)}"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert (view / "model.safetensors").is_symlink()
    assert (view / "model.safetensors").read_bytes() == before["model.safetensors"]
    assert corrected_index(view) is None
    assert missing(view) is None
    assert served_folder(folder, tmp_path / "views") == view
    assert [path.name for path in (tmp_path / "views").iterdir()] == [view.name]


def test_another_content_has_another_view(folder: Path, tmp_path: Path) -> None:
    first = served_folder(folder, tmp_path / "views")
    weights(folder / "model.safetensors", "a", "b", "c")
    assert served_folder(folder, tmp_path / "views") != first


def test_the_engine_gets_the_view_and_the_identity_the_original(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from snakeval.config import Model

    monkeypatch.chdir(tmp_path)
    values: dict[str, Any] = dict.fromkeys(ServingConfig.__dataclass_fields__)
    values |= {"model": "step-100", "sampling": {}, "provenance": dict.fromkeys(values, "")}
    config = ServingConfig(**values)
    write_serving_config(tmp_path / "c.yaml", config)
    spec = read_spec('{"served_model_name": "m"}', tmp_path / "c.yaml")
    assert spec.model == f"results/.views/step-100-{fingerprint(folder)}"
    assert identity_of(Model(model="step-100"))["fingerprint"] == fingerprint(folder)
