"""A model's small files from a folder, from the hub and from its cache, and each way to fail."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import errors

from snakeval.models.files import Hub, ModelFilesError, resolve
from snakeval.models.fingerprint import fingerprint
from snakeval.schema import Model
from unit.models.fake_hub import COMMIT, FakeHub, refusal

INDEX = "model.safetensors.index.json"


def safetensors(tensor_bytes: int) -> bytes:
    """A safetensors file whose tensors take so many bytes."""
    header = json.dumps(
        {"weight": {"dtype": "U8", "shape": [tensor_bytes], "data_offsets": [0, tensor_bytes]}}
    )
    return len(header).to_bytes(8, "little") + header.encode() + bytes(tensor_bytes)


def fill(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text('{"max_position_embeddings": 64}')
    (folder / "generation_config.json").write_text('{"temperature": 0.6}')
    (folder / "model.safetensors").write_bytes(safetensors(1000))


@pytest.fixture
def hub(tmp_path: Path) -> FakeHub:
    fake = FakeHub(tmp_path / "hub")
    fill(fake.snapshot_folder)
    return fake


def of(fake: FakeHub) -> Hub:
    return Hub(fake.model_info, fake.download)


def no_hub() -> Hub:
    def never(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("the hub was asked")

    return Hub(never, never)


def test_folder(tmp_path: Path) -> None:
    fill(tmp_path / "models" / "mine")
    files = resolve(Model(model="models/mine"), tmp_path, no_hub())
    assert files is not None
    assert files.path == tmp_path / "models" / "mine"
    assert files.config == {"max_position_embeddings": 64}
    assert files.generation_config == {"temperature": 0.6}
    assert files.resolved_revision == fingerprint(files.path)
    assert files.origin == "fingerprint of the folder's content"
    assert files.weight_bytes == 1000
    assert files.chat_template is None


def test_absolute_folder(tmp_path: Path) -> None:
    fill(tmp_path / "mine")
    files = resolve(Model(model=str(tmp_path / "mine")), Path("/elsewhere"), no_hub())
    assert files is not None
    assert files.path == tmp_path / "mine"


TEMPLATES = [
    ({"chat_template.jinja": "x", "tokenizer_config.json": '{"chat_template": "y"}'}, "chat_template.jinja"),
    ({"chat_template.json": "{}"}, "chat_template.json"),
    ({"tokenizer_config.json": '{"chat_template": "y"}'}, "tokenizer_config.json"),
    ({"tokenizer_config.json": "{}"}, None),
]


@pytest.mark.parametrize(("added", "expected"), TEMPLATES)
def test_chat_template(added: dict[str, str], expected: str | None, tmp_path: Path) -> None:
    fill(tmp_path)
    for name, text in added.items():
        (tmp_path / name).write_text(text)
    files = resolve(Model(model=str(tmp_path)), hub=no_hub())
    assert files is not None
    assert files.chat_template == expected


def index(names: list[str], total: int | None) -> str:
    metadata = {} if total is None else {"total_size": total}
    return json.dumps({"metadata": metadata, "weight_map": {f"w{i}": name for i, name in enumerate(names)}})


# (files and the bytes of their tensors, or their text; bytes of the weights)
WEIGHTS: list[tuple[str, dict[str, int | str], int | None]] = [
    (
        "shards",
        {"a.safetensors": 10, "b.safetensors": 20, INDEX: index(["a.safetensors", "b.safetensors"], 30)},
        30,
    ),
    ("twice there", {"model-1.safetensors": 10, "consolidated.safetensors": 10}, 10),
    (
        "index before names",
        {"model.safetensors": 9, "x.safetensors": 10, INDEX: index(["x.safetensors"], 1)},
        10,
    ),
    ("other names", {"weights.safetensors": 10, "more.safetensors": 5}, 15),
    (
        "a shard that is not here",
        {"a.safetensors": 10, INDEX: index(["a.safetensors", "b.safetensors"], 30)},
        30,
    ),
    ("and no total", {"a.safetensors": 10, INDEX: index(["a.safetensors", "b.safetensors"], None)}, None),
    ("nothing", {}, None),
    ("old format", {"pytorch_model.bin": "0123456789"}, 10),
    ("optimizer states are no weights", {"optimizer.bin": "0123456789"}, None),
]


@pytest.mark.parametrize(
    ("content", "expected"), [row[1:] for row in WEIGHTS], ids=[row[0] for row in WEIGHTS]
)
def test_weight_bytes(content: dict[str, int | str], expected: int | None, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    for name, of_file in content.items():
        raw = safetensors(of_file) if isinstance(of_file, int) else of_file.encode()
        (tmp_path / name).write_bytes(raw)
    files = resolve(Model(model=str(tmp_path)), hub=no_hub())
    assert files is not None
    assert files.weight_bytes == expected


def test_hub(hub: FakeHub) -> None:
    (hub.snapshot_folder / "model.safetensors").unlink()
    hub.sizes = {"model.safetensors": 16_060_522_496, "original/consolidated.00.pth": 16_060_617_592}
    files = resolve(Model(model="some/model", revision="v1"), hub=of(hub))
    assert files is not None
    assert (files.resolved_revision, files.weight_bytes) == (COMMIT, 16_060_522_496)
    assert files.origin == "commit on the Hugging Face hub"
    # The commit is what is fetched, so that a branch that moves meanwhile gives no mixture.
    assert hub.asked == [("model_info", "v1"), ("config.json", COMMIT), ("generation_config.json", COMMIT)]


UNREACHABLE = [errors.OfflineModeIsEnabled, errors.HTTPError, TimeoutError, errors.HfHubHTTPError]


@pytest.mark.parametrize("failure", UNREACHABLE)
def test_cache(failure: type[Exception], hub: FakeHub) -> None:
    hub.failure = refusal(failure)
    files = resolve(Model(model="some/model", revision="v1"), hub=of(hub))
    assert files is not None
    assert (files.resolved_revision, files.weight_bytes) == (COMMIT, 1000)
    assert "cache" in files.origin
    assert hub.asked == [("model_info", "v1"), ("config.json", "v1")]


REFUSED = [
    (errors.RepositoryNotFoundError, ["'some/model'", "not on the Hugging Face hub", "HF_TOKEN"]),
    (errors.RevisionNotFoundError, ["'some/model'", "no revision 'v1'"]),
    (errors.GatedRepoError, ["'some/model'", "gated", "HF_TOKEN"]),
    (errors.OfflineModeIsEnabled, ["'some/model'", "'v1'", "cache", "HF_HUB_OFFLINE"]),
    (errors.HFValidationError, ["'some/model'", "organisation/name"]),
]


@pytest.mark.parametrize(("failure", "words"), REFUSED)
def test_refused(failure: type[Exception], words: list[str], hub: FakeHub) -> None:
    hub.failure, hub.cached = refusal(failure), False
    with pytest.raises(ModelFilesError) as caught:
        resolve(Model(model="some/model", revision="v1"), hub=of(hub))
    assert [word for word in words if word not in str(caught.value)] == []


def test_gated_when_downloading(hub: FakeHub) -> None:
    hub.download_failure = refusal(errors.GatedRepoError)
    with pytest.raises(ModelFilesError, match=r"gated.*HF_TOKEN"):
        resolve(Model(model="some/model"), hub=of(hub))


def test_no_config_on_the_hub(hub: FakeHub) -> None:
    (hub.snapshot_folder / "config.json").unlink()
    with pytest.raises(ModelFilesError, match=r"no config\.json"):
        resolve(Model(model="some/model"), hub=of(hub))


BROKEN: list[tuple[str, Callable[[Path], object], str]] = [
    ("models/mine", lambda folder: (folder / "config.json").write_text("{"), r"mine/config\.json: not JSON"),
    ("models/mine", lambda folder: (folder / "config.json").write_text("[]"), "list, expected an object"),
    ("models/mine", lambda folder: (folder / "config.json").unlink(), r"mine has no config\.json"),
    ("./models/other", lambda folder: None, "there is no folder .*other"),
    ("/models/other", lambda folder: None, "there is no folder /models/other"),
]


@pytest.mark.parametrize(("model", "break_", "match"), BROKEN)
def test_broken_folder(model: str, break_: Callable[[Path], object], match: str, tmp_path: Path) -> None:
    fill(tmp_path / "models" / "mine")
    break_(tmp_path / "models" / "mine")
    with pytest.raises(ModelFilesError, match=match):
        resolve(Model(model=model), tmp_path, no_hub())


@pytest.mark.parametrize("given", [{"engine": "external", "base_urls": ("http://h/v1",)}, {"hosted": True}])
def test_served_by_somebody_else(given: dict[str, Any], tmp_path: Path) -> None:
    assert resolve(Model(model="gpt-9", **given), tmp_path, no_hub()) is None
    fill(tmp_path / "mine")
    files = resolve(Model(model="mine", **given), tmp_path, no_hub())
    assert files is not None
    assert files.path == tmp_path / "mine"
