"""Numbers and bytes of weights, from headers of safetensors files and from what the hub says of them."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from snakeval.models.files import Hub, ModelFiles, resolve
from snakeval.models.infer import infer
from snakeval.models.tensors import count, elements_of, known_elements, served_bytes
from snakeval.schema import Gpus, Model
from unit.models import model_configs as models
from unit.models.fake_hub import FakeHub

WIDTHS = {"F32": 4, "BF16": 2, "F16": 2, "I32": 4, "U8": 1, "I8": 1, "F8_E4M3": 1}


def safetensors(path: Path, *tensors: tuple[str, list[int]]) -> None:
    """A file whose tensors have these dtypes and shapes; their data is left out but for its length."""
    header, end = {}, 0
    for number, (dtype, shape) in enumerate(tensors):
        size = WIDTHS[dtype]
        for each in shape:
            size *= each
        header[f"{path.stem}.{number}"] = {
            "dtype": dtype,
            "shape": shape,
            "data_offsets": [end, end := end + size],
        }
    raw = json.dumps({"__metadata__": {"format": "pt"}, **header}).encode()
    path.write_bytes(len(raw).to_bytes(8, "little") + raw)
    with path.open("r+b") as file:
        file.truncate(8 + len(raw) + end)


def test_elements(tmp_path: Path) -> None:
    safetensors(tmp_path / "a.safetensors", ("BF16", [10, 20]), ("F32", []), ("F32", [3]))
    safetensors(tmp_path / "b.safetensors", ("BF16", [5]), ("F8_E4M3", [0, 7]))
    files = [tmp_path / "a.safetensors", tmp_path / "b.safetensors"]
    assert elements_of(files) == {"BF16": 205, "F32": 4, "F8_E4M3": 0}
    assert elements_of([]) == {}


BROKEN = [
    b"",
    b"\x05",
    b"\xff" * 8,
    (2).to_bytes(8, "little") + b"[]",
    (2).to_bytes(8, "little") + b"{x",
    b'\x0a\0\0\0\0\0\0\0{"a": null',
    b'\x0b\0\0\0\0\0\0\0{"a": null}',
    b'\x14\0\0\0\0\0\0\0{"a": {"dtype": 1 }}',
    b'\x2b\0\0\0\0\0\0\0{"a": {"dtype": "BF16", "shape": ["many"]}}',
]


@pytest.mark.parametrize("content", BROKEN)
def test_a_file_that_can_not_be_read(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.safetensors").write_bytes(content)
    safetensors(tmp_path / "b.safetensors", ("BF16", [5]))
    assert elements_of([tmp_path / "b.safetensors", tmp_path / "a.safetensors"]) == {}
    assert elements_of([tmp_path / "none.safetensors"]) == {}


# (what the hub says, elements)
SAID: list[tuple[object, dict[str, int]]] = [
    ({"BF16": 8_030_261_248}, {"BF16": 8_030_261_248}),
    ({"BF16": 5, "F32": 1}, {"BF16": 5, "F32": 1}),
    ({"BF16": "many"}, {}),
    ({"BF16": 5, "new": 1}, {}),
    ({}, {}),
    (None, {}),
    (7, {}),
]


@pytest.mark.parametrize(("said", "expected"), SAID)
def test_known_elements(said: object, expected: dict[str, int]) -> None:
    assert known_elements(said) == expected


# (elements, number of parameters, bytes served with floats of 2 bytes, and of 4)
COUNTED: list[tuple[dict[str, int], int | None, int, int]] = [
    ({"BF16": 100}, 100, 200, 400),
    ({"F32": 100}, 100, 200, 400),
    ({"F32": 10, "BF16": 90}, 100, 200, 400),
    ({"F8_E4M3": 100, "F32": 2}, 102, 104, 108),
    ({"I8": 100, "F16": 10}, 110, 120, 140),
    ({"I32": 100, "F16": 10}, None, 420, 440),  # GPTQ, AWQ: 8 weights an element
    ({"U8": 100, "BF16": 10}, None, 120, 140),  # bitsandbytes, MXFP4: 2 weights an element
    ({"F4": 3}, 3, 2, 2),
    ({}, None, 0, 0),
]


@pytest.mark.parametrize(("elements", "number", "two", "four"), COUNTED)
def test_counted(elements: dict[str, int], number: int | None, two: int, four: int) -> None:
    assert count(elements) == number
    assert (served_bytes(elements, 2), served_bytes(elements, 4)) == (two, four)


def folder(path: Path, dtype: str | None, *tensors: tuple[str, list[int]], **more: Any) -> ModelFiles:
    config = {**models.QWEN3_32B, "torch_dtype": dtype, **more}
    (path / "config.json").write_text(json.dumps(config))
    safetensors(path / "model.safetensors", *tensors)
    files = resolve(Model(model=str(path)))
    assert files is not None
    return files


N = 1 << 24
# (dtype in config.json, dtype of the tensors, number of parameters, bytes as served)
FOLDERS = [
    ("float32", "BF16", N, 2 * N),  # config.json is wrong: half its size was planned
    ("bfloat16", "F32", N, 2 * N),  # and twice its size here
    ("float32", "F32", N, 2 * N),
    ("bfloat16", "BF16", N, 2 * N),
    (None, "F32", N, 2 * N),
    (None, "BF16", N, 2 * N),
    ("float16", "BF16", N, 2 * N),
]


@pytest.mark.parametrize(("stated", "stored", "number", "served"), FOLDERS)
def test_the_tensors_know_better(
    stated: str | None, stored: str, number: int, served: int, tmp_path: Path
) -> None:
    found = infer(Model(model="m"), folder(tmp_path, stated, (stored, [N])), Gpus())
    assert (found.num_parameters, found.weight_bytes) == (number, served)
    assert "tensors" in found.provenance["num_parameters"]
    whole = infer(Model(model="m", dtype="float32"), folder(tmp_path, stated, (stored, [N])), Gpus())
    assert whole.weight_bytes == 4 * N


def test_shards_by_the_index(tmp_path: Path) -> None:
    """Weights that are there twice count once."""
    safetensors(tmp_path / "model-00001-of-00002.safetensors", ("BF16", [100]))
    safetensors(tmp_path / "model-00002-of-00002.safetensors", ("BF16", [50]))
    safetensors(tmp_path / "consolidated.safetensors", ("BF16", [150]))
    shards = {f"model-0000{n}-of-00002.0": f"model-0000{n}-of-00002.safetensors" for n in (1, 2)}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": shards}))
    (tmp_path / "config.json").write_text("{}")
    files = resolve(Model(model=str(tmp_path)))
    assert files is not None
    assert (files.elements, files.weight_bytes) == ({"BF16": 150}, 300)


def test_quantized(tmp_path: Path) -> None:
    """Bytes are those of the files; packed weights are counted by the layers in config.json."""
    packed = folder(tmp_path, "float16", ("I32", [N]), quantization_config={"quant_method": "gptq"})
    found = infer(Model(model="m"), packed, Gpus())
    assert found.weight_bytes == 4 * N
    assert found.num_parameters == pytest.approx(32.76e9, rel=0.01)
    by_number = folder(tmp_path, "bfloat16", ("F8_E4M3", [N]), quantization_config={"quant_method": "fp8"})
    found = infer(Model(model="m"), by_number, Gpus())
    assert (found.weight_bytes, found.num_parameters) == (N, N)


def test_files_without_headers(tmp_path: Path) -> None:
    """Without safetensors config.json's dtype counts, unless the layers say that it can't be."""
    (tmp_path / "config.json").write_text(json.dumps({**models.GPT_2, "torch_dtype": "bfloat16"}))
    (tmp_path / "pytorch_model.bin").write_bytes(b"")
    with (tmp_path / "pytorch_model.bin").open("r+b") as file:
        file.truncate(548_105_171)  # openai-community/gpt2: float32
    files = resolve(Model(model=str(tmp_path)))
    assert files is not None
    assert files.elements == {}
    found = infer(Model(model="m"), files, Gpus())
    assert (found.num_parameters, found.weight_bytes) == (137_026_292, 274_052_584)


STATED: list[tuple[object, dict[str, int], int | None]] = [
    (SimpleNamespace(parameters={"BF16": 1000}, total=1000), {"BF16": 1000}, 1000),
    (SimpleNamespace(parameters=None), {}, None),
    (None, {}, None),
]


@pytest.mark.parametrize(("stated", "elements", "number"), STATED)
def test_hub(stated: object, elements: dict[str, int], number: int | None, tmp_path: Path) -> None:
    fake = FakeHub(tmp_path / "hub")
    (fake.snapshot_folder / "config.json").write_text('{"dtype": "float32", "n_ctx": 512}')

    def model_info(*args: Any, **kwargs: Any) -> Any:
        info = fake.model_info(*args, **kwargs)
        return SimpleNamespace(**vars(info), safetensors=stated)

    files = resolve(Model(model="some/model"), hub=Hub(model_info, fake.download))
    assert files is not None
    assert files.elements == elements
    assert infer(Model(model="m"), files, Gpus()).num_parameters == number


def test_cache_with_its_weights(tmp_path: Path) -> None:
    """Offline the headers of what is in the cache are read."""
    fake = FakeHub(tmp_path / "hub", failure=TimeoutError())
    (fake.snapshot_folder / "config.json").write_text("{}")
    safetensors(fake.snapshot_folder / "model.safetensors", ("F32", [12]))
    files = resolve(Model(model="some/model"), hub=Hub(fake.model_info, fake.download))
    assert files is not None
    assert files.elements == {"F32": 12}


INDICES: list[dict[str, Any]] = [
    {},
    {"weight_map": None},
    {"weight_map": ["model.safetensors"]},
    {"weight_map": {"a": 1}, "metadata": []},
    {"weight_map": {"a": None}, "metadata": {"total_size": "many"}},
]


@pytest.mark.parametrize("index", INDICES)
def test_an_index_of_another_shape(index: dict[str, Any], tmp_path: Path) -> None:
    """The files themselves are counted then."""
    fake = FakeHub(tmp_path / "hub", failure=TimeoutError())
    (fake.snapshot_folder / "config.json").write_text("{}")
    safetensors(fake.snapshot_folder / "model.safetensors", ("F32", [12]))
    (fake.snapshot_folder / "model.safetensors.index.json").write_text(json.dumps(index))
    for name, hub in (("some/model", Hub(fake.model_info, fake.download)), (str(fake.snapshot_folder), None)):
        files = resolve(Model(model=name), hub=hub)
        assert files is not None
        assert (files.elements, files.weight_bytes) == ({"F32": 12}, 48)
