"""What a URL on S3 stands for, on a real server."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from s3_server import S3, s3_server
from snakeval.config import ConfigError
from snakeval.config.found import VARIABLE, hand_on
from snakeval.dag import identity
from snakeval.models.s3 import S3Error, prefixes
from unit.config.example_project import load, write_project


@pytest.fixture(scope="module")
def server() -> Iterator[S3]:
    with s3_server() as running:
        for step in (9, 10):
            running.put(f"runs/one/step-{step}/config.json")
            running.put(f"runs/one/step-{step}/model.safetensors", bytes([step]))
        running.put("runs/one/step-10/global_step10/optimizer.pt")
        running.put("runs/one/step-10/.hidden.json")
        running.put("runs/one/step-10/README.md")
        running.put("runs/one/step-11/model-00001-of-00002.safetensors")
        running.put("runs/one/step-11/config.json")
        running.put("runs/one/other/config.json")
        running.put("runs/two/step-9/config.json")
        yield running


@pytest.fixture(autouse=True)
def environment(server: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv(VARIABLE, "")
    monkeypatch.delenv(VARIABLE)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("s3://models/runs/one/step-9", ["runs/one/step-9"]),
        ("s3://models/runs/one/step-9/", ["runs/one/step-9"]),
        ("s3://models/runs/one/step-?", ["runs/one/step-9"]),
        ("s3://models/*/one/step-1*", ["runs/one/step-10", "runs/one/step-11"]),
        ("s3://models/runs/*/step-9", ["runs/one/step-9", "runs/two/step-9"]),
        ("s3://models/runs/one/step-1", []),
        ("s3://models/runs", []),
    ],
)
def test_prefixes(url: str, found: list[str]) -> None:
    assert [entry.url.removeprefix("s3://models/") for entry in prefixes(url)] == found


def test_only_a_models_own_files_belong_to_it() -> None:
    (entry,) = prefixes("s3://models/runs/one/step-10")
    assert entry.names == ("config.json", "model.safetensors")


def test_another_content_is_another_digest(server: S3) -> None:
    def digest() -> str:
        return prefixes("s3://models/runs/one/step-9")[0].digest

    before = digest()
    assert digest() == before
    server.put("runs/one/step-9/model.safetensors", b"x")
    assert digest() != before
    server.put("runs/one/step-9/model.safetensors", bytes([9]))
    assert digest() == before
    server.put("runs/one/step-9/global_step9/optimizer.pt", b"x")
    assert digest() == before


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("s3://nobodys/runs", "'s3://nobodys/runs' can't be looked at: .*NoSuchBucket"),
        ("s3://", "names no bucket"),
        ("s3://mod*/runs", "names no bucket"),
    ],
)
def test_mistakes(url: str, message: str) -> None:
    with pytest.raises(S3Error, match=message):
        prefixes(url)


def test_an_address_that_nobody_listens_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(S3Error, match="AWS_ENDPOINT_URL"):
        prefixes("s3://models/runs")


def test_the_plugin_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(S3Error, match=r"optional group s3: pip install -e '\.\[s3\]'"):
        prefixes("s3://models/runs")


def test_models_of_a_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_project(tmp_path)
    config = load(root, models="s3://models/runs/one/step-*", arenas=None)
    assert list(config.models) == ["vllm-one-step-9", "vllm-one-step-10"]
    assert config.stored["vllm-one-step-10"] == (
        "s3://models/runs/one/step-10/config.json",
        "s3://models/runs/one/step-10/model.safetensors",
    )
    (warning,) = config.warnings
    assert "s3://models/runs/one/step-11 (no model-00002-of-00002.safetensors)" in warning
    first, second = (identity.model(model) for model in config.models.values())
    assert first["revision"].startswith("etags-")
    assert first["revision"] != second["revision"]

    # The jobs of a run ask nobody.
    hand_on(config.found)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    job = load(root, check_data=False, models="s3://models/runs/one/step-*", arenas=None)
    assert (job.models, job.stored) == (config.models, config.stored)


def test_mistakes_in_a_configuration(tmp_path: Path) -> None:
    root = write_project(tmp_path)
    with pytest.raises(
        ConfigError, match=r"'s3://models/runs/one/other' is no complete checkpoint: .*no weights"
    ):
        load(root, models="s3://models/runs/one/other", arenas=None)
    with pytest.raises(ConfigError, match="'s3://models/none' is no folder"):
        load(root, models="s3://models/none", arenas=None)
    small = root / "config/models/small.yaml"
    small.write_text("model: s3://models/runs/one/step-9\nrevision: main\n")
    with pytest.raises(ConfigError, match="its files' ETags are its revision"):
        load(root, models="small", arenas=None)
    small.write_text("model: s3://models/runs/one/step-9\nslug: nine\nlabel: Nine\n")
    config = load(root, models="small", arenas=None)
    assert {slug: model.label for slug, model in config.models.items()} == {"nine": "Nine"}
