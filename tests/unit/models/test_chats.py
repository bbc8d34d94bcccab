"""Models that have no way to make a prompt of a chat, and those that have one without a template."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from snakeval.config import ConfigError
from snakeval.models.chats import NoTemplateError, check_chats, lacks_template
from snakeval.models.files import resolve
from snakeval.models.infer import infer
from snakeval.schema import Gpus, Model
from unit.config.example_project import edit, load, write_project

BASE = {"tokenizer.json": {}, "tokenizer_config.json": {}, "config.json": {"n_ctx": 512}}
# (files besides those of BASE, keys of the model's file, whether it has no template)
MODELS: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    ({}, {}, True),
    ({"tokenizer_config.json": {"chat_template": None}}, {}, True),
    ({"tokenizer_config.json": {"chat_template": ""}}, {}, True),
    ({"config.json": {"model_type": "llama", "architectures": ["LlamaForCausalLM"]}}, {}, True),
    ({}, {"engine_args": ["--max-num-seqs", "8"]}, True),
    ({"tokenizer_config.json": {"chat_template": "{{ messages }}"}}, {}, False),
    ({"tokenizer_config.json": {"chat_template": [{"name": "default", "template": "x"}]}}, {}, False),
    ({"chat_template.jinja": "x"}, {}, False),
    ({"chat_template.json": {"chat_template": "x"}}, {}, False),
    ({"tekken.json": {}}, {}, False),
    ({"config.json": {"architectures": ["DeepseekV32ForCausalLM"]}}, {}, False),
    ({"config.json": {"model_type": "minicpmv"}}, {}, False),
    ({"config.json": {"vision_config": {}}}, {}, False),
    ({}, {"chat_template": "mine.jinja"}, False),
    ({}, {"engine_args": ["--chat-template", "mine.jinja"]}, False),
    ({}, {"engine_args": ["--tokenizer_mode=mistral"]}, False),
    ({}, {"engine_args": ["--trust-remote-code"]}, False),
    ({}, {"engine": "external", "base_urls": ["http://x/v1"]}, False),
]


def write(folder: Path, files: dict[str, Any]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in {**BASE, **files}.items():
        (folder / name).write_text(value if isinstance(value, str) else json.dumps(value))
    return folder


@pytest.mark.parametrize(("files", "given", "lacking"), MODELS)
def test_models(files: dict[str, Any], given: dict[str, Any], lacking: bool, tmp_path: Path) -> None:
    folder = write(tmp_path / "m", files)
    assert lacks_template(Model.model_validate({"model": "m", **given}), folder) is lacking


def test_a_folder_without_a_tokenizer_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    assert not lacks_template(Model(model="m"), tmp_path)


def test_what_is_served_is_known_before_it_is(tmp_path: Path) -> None:
    write(tmp_path / "m", {})
    model = Model(model="m")
    serving = infer(model, resolve(model, tmp_path), Gpus())
    check_chats("m", model, serving, [], tmp_path)
    with pytest.raises(NoTemplateError, match=r"'m' has no chat template, and the judge 'j' asks in chats"):
        check_chats("m", model, serving, ["the judge 'j'"], tmp_path)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The example project; the model 'small' has a tokenizer without a template."""
    made = write_project(tmp_path)
    write(made / "folders/small", {"config.json": {"n_ctx": 512}})
    return made


def test_who_asks_in_chats_is_named(root: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        load(root, arenas=[])
    (problem,) = raised.value.problems
    assert (problem.file, problem.key) == ("config/models/small.yaml", "chat_template")
    assert "the benchmark 'sums' asks in chats" in problem.message
    assert "'endpoint: completions'" in problem.message


def test_completions_need_none(root: Path) -> None:
    for name in ("sums", "open"):
        edit(root, f"config/benchmarks/{name}.yaml", "prompt:", "endpoint: completions\nprompt:")
    assert load(root).models
    edit(root, "config/judges/pairs.yaml", "model: referee", "model: small")
    with pytest.raises(ConfigError, match="the judge 'pairs' asks in chats"):
        load(root)
