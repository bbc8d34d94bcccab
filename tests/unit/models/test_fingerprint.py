"""What changes a folder's fingerprint, and what must not."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from snakeval.models.fingerprint import HEAD_BYTES, SAMPLE_BYTES, SAMPLES, WHOLE_BYTES, fingerprint

LARGE = 3 * WHOLE_BYTES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "model"
    path.mkdir()
    (path / "config.json").write_text("{}")
    (path / "tokenizer.model").write_bytes(b"abc")
    (path / "model.safetensors").write_bytes(bytes(LARGE))
    return path


def poke(offset: int) -> Callable[[Path], object]:
    """An edit that changes one byte of the weights."""

    def edit(folder: Path) -> None:
        with (folder / "model.safetensors").open("r+b") as file:
            file.seek(offset if offset >= 0 else LARGE + offset)
            file.write(b"\1")

    return edit


CHANGES: dict[str, Callable[[Path], object]] = {
    "config": lambda folder: (folder / "config.json").write_text("{ }"),
    "same size": lambda folder: (folder / "tokenizer.model").write_bytes(b"abd"),
    "renamed": lambda folder: (folder / "config.json").rename(folder / "configs.json"),
    "added": lambda folder: (folder / "chat_template.jinja").write_text(""),
    "removed": lambda folder: (folder / "config.json").unlink(),
    "moved between files": lambda folder: (
        (folder / "config.json").write_text("{}a"),
        (folder / "tokenizer.model").write_bytes(b"bc"),
    ),
    "weights' head": poke(HEAD_BYTES - 1),
    "weights' tail": poke(-1),
    "weights' longer": lambda folder: (folder / "model.safetensors").write_bytes(bytes(LARGE + 1)),
    "a sample": poke(HEAD_BYTES + (LARGE - SAMPLE_BYTES - HEAD_BYTES) * 7 // SAMPLES),
}
NO_CHANGES: dict[str, Callable[[Path], object]] = {
    "mtime": lambda folder: os.utime(folder / "config.json", (1, 1)),
    "readme": lambda folder: (folder / "README.md").write_text("new"),
    "hidden": lambda folder: (folder / ".cache.json").write_text("new"),
    "a checkpoint below": lambda folder: shutil.copytree(folder, folder / "checkpoint-1"),
    "same content again": lambda folder: (folder / "config.json").write_text("{}"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_changes(change: str, folder: Path) -> None:
    before = fingerprint(folder)
    CHANGES[change](folder)
    assert fingerprint(folder) != before


@pytest.mark.parametrize("change", NO_CHANGES)
def test_no_changes(change: str, folder: Path) -> None:
    before = fingerprint(folder)
    NO_CHANGES[change](folder)
    assert fingerprint(folder) == before


@pytest.mark.parametrize("share", [0.05, 0.1, 0.3])
def test_an_adapter_merged_into_part_of_each_layer_is_seen(share: float, folder: Path) -> None:
    layers, size = 24, LARGE // 24
    before = fingerprint(folder)
    with (folder / "model.safetensors").open("r+b") as file:
        for layer in range(layers):
            file.seek(layer * size + size // 3)
            file.write(b"\1" * int(size * share))
    assert fingerprint(folder) != before


def test_a_file_of_exactly_the_limit_is_read_wholly(tmp_path: Path) -> None:
    content = bytearray(WHOLE_BYTES)
    (tmp_path / "model.bin").write_bytes(content)
    before = fingerprint(tmp_path)
    unsampled = HEAD_BYTES + SAMPLE_BYTES + 5
    content[unsampled] = 1
    (tmp_path / "model.bin").write_bytes(content)
    assert fingerprint(tmp_path) != before


def test_another_place_gives_the_same(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "elsewhere")
    linked = tmp_path / "linked"
    linked.mkdir()
    for path in folder.iterdir():
        (linked / path.name).symlink_to(path)
    assert fingerprint(folder) == fingerprint(copy) == fingerprint(linked)
    assert len(fingerprint(folder)) == 16
    assert int(fingerprint(folder), 16) >= 0


@pytest.mark.parametrize("name", ["absent", "empty"])
def test_no_model(name: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match=name):
        fingerprint(tmp_path / name)
