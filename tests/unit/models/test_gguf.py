"""Headers of GGUF files: what is read of them, and files that are none."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from gguf_model import write_gguf
from project import REPOSITORY
from snakeval.models.chats import lacks_template
from snakeval.models.files import ModelFilesError, resolve
from snakeval.models.gguf import GgufError, parts_of, read_gguf, weights_file
from snakeval.models.infer import InferError, inferred
from snakeval.schema import Gpus, Model

LATE = REPOSITORY / "demo/models/late"
NO_GPU = Gpus(per_node=0, memory_gib=80)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's model as a GGUF file, made by llama.cpp's own package."""
    return write_gguf(LATE, tmp_path_factory.mktemp("gguf") / "late.gguf")


def test_a_real_file(file: Path) -> None:
    found = read_gguf(file)
    assert found.metadata["general.architecture"] == "llama"
    assert found.metadata["tokenizer.ggml.add_bos_token"] is False
    assert found.metadata["llama.rope.freq_base"] == 10000
    assert len(found.metadata["tokenizer.ggml.tokens"]) == 635
    assert found.chat_template == (LATE / "chat_template.jinja").read_text()
    assert (found.parameters, found.size) == (934_400, file.stat().st_size)
    assert found.config() == {
        "max_position_embeddings": 1024,
        "num_hidden_layers": 4,
        "hidden_size": 128,
        "num_attention_heads": 4,
        "num_key_value_heads": 4,
        "quantization_config": {"quant_method": "gguf"},
    }


def test_what_is_inferred(file: Path) -> None:
    model = Model(model=str(file), engine="llama_cpp", tensor_parallel_size=1, data_parallel_size=1)
    found = inferred("late", model, NO_GPU)
    assert (found.context_length, found.max_model_len, found.max_tokens) == (1024, 1024, 512)
    assert (found.num_parameters, found.weight_bytes) == (934_400, file.stat().st_size)
    assert found.kv_cache_bytes == 2 * 4 * 128 * 2 * 1024
    assert found.provenance["context_length"] == "late.gguf: max_position_embeddings"
    assert found.chat_template == "tokenizer.chat_template"
    assert found.reasoning["prefilled"] is False
    files = resolve(model)
    assert files is not None
    assert files.resolved_revision == found.resolved_revision


def test_without_a_chat_template(tmp_path: Path) -> None:
    bare = write_gguf(LATE, tmp_path / "bare.gguf", template=False)
    model = Model(model=str(bare), engine="llama_cpp")
    assert lacks_template(model, bare)
    assert not lacks_template(model.model_copy(update={"chat_template": "mine.jinja"}), bare)


def header(version: int = 3, tensors: int = 0, values: bytes = b"", count: int = 0) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, tensors, count) + values


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no GGUF file"),
        (b"PK\3\4 a zip", "no GGUF file"),
        (b"GGUF", "cut short or damaged"),
        (header(version=1), "version 1"),
        (header(version=0x03000000), "version"),  # big endian
        (header(tensors=3), "cut short or damaged"),
        (header(count=1), "cut short or damaged"),
        (header(count=1, values=struct.pack("<Q", 1 << 62)), "cut short or damaged"),
        (header(count=1, values=struct.pack("<Q", 1) + b"\xff"), "cut short or damaged"),
        (header(count=1, values=struct.pack("<Q1sI", 1, b"a", 99)), "a value of type 99"),
    ],
)
def test_files_that_are_none(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(content)
    with pytest.raises(GgufError, match=words):
        read_gguf(path)
    with pytest.raises(ModelFilesError, match=words):
        resolve(Model(model=str(path), engine="llama_cpp"))
    with pytest.raises(InferError, match=words):
        inferred("x", Model(model=str(path), engine="llama_cpp"), NO_GPU)


@pytest.mark.parametrize(
    ("names", "first"),
    [
        (["a.gguf"], "a.gguf"),
        (["a.GGUF", "README.md"], "a.GGUF"),
        (["a.gguf", "mmproj-a.gguf"], "a.gguf"),
        (["m-00001-of-00002.gguf", "m-00002-of-00002.gguf"], "m-00001-of-00002.gguf"),
    ],
)
def test_the_file_of_a_folder(tmp_path: Path, names: list[str], first: str) -> None:
    for name in names:
        (tmp_path / name).touch()
    assert weights_file(tmp_path).name == first
    assert len(parts_of(weights_file(tmp_path))) == (2 if "-of-" in first else 1)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], "has no GGUF file"),
        (["model.safetensors"], "has no GGUF file"),
        (["a.gguf", "b.gguf"], "several models"),
        (["m-00002-of-00002.gguf"], "has no GGUF file"),
        (["m-00001-of-00003.gguf", "m-00003-of-00003.gguf"], "m-00002-of-00003.gguf is missing"),
    ],
)
def test_folders_without_one(tmp_path: Path, names: list[str], words: str) -> None:
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(GgufError, match=words):
        parts_of(weights_file(tmp_path))
