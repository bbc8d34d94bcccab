"""Answers are kept for the model and the task that they are of, and for no other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from snakeval.harness.run import cache_key
from snakeval.models.files import ModelFiles
from snakeval.models.infer import infer
from snakeval.schema import Gpus, LmEvalTask, Model

TASK = LmEvalTask(task="gsm8k")
FILES = ModelFiles(Path("cache"), "c0ffee", "commit", {"n_ctx": 4096}, None, None, None)
SERVED: dict[str, Any] = {"model": "org/model", "slug": "same"}
ELSEWHERE: dict[str, Any] = {**SERVED, "engine": "external", "base_urls": ["http://one/v1"]}


def key(task: LmEvalTask = TASK, **given: Any) -> str:
    model = Model.model_validate(given)
    return cache_key(task, model, infer(model, FILES, Gpus()))


# (a model, what of it is changed, whether its answers are others)
CHANGED: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    (ELSEWHERE, {"base_urls": ["http://other/v1"]}, True),
    (ELSEWHERE, {"served_model_name": "other"}, True),
    (ELSEWHERE, {"model": "org/other"}, True),
    (SERVED, {"model": "org/other"}, True),
    (SERVED, {"revision": "v2"}, True),
    (SERVED, {"engine_args": ["--quantization", "fp8"]}, True),
    (SERVED, {"dtype": "float16"}, True),
    (SERVED, {"chat_template": "config/prompts/math.jinja"}, True),
    (SERVED, {"context_length": 2048}, True),
    (SERVED, {"prompt_margin": 1024, "max_tokens": 1024}, True),
    (SERVED, {"tensor_parallel_size": 1}, False),
    (SERVED, {"concurrency": 4}, False),
    (SERVED, {"slug": "other"}, False),
    (SERVED, {"label": "other"}, False),
    (SERVED, {"env": {"OMP_NUM_THREADS": "2"}}, False),
    (ELSEWHERE, {"request_timeout": 10}, False),
]


@pytest.mark.parametrize(("model", "changes", "others"), CHANGED)
def test_another_model(model: dict[str, Any], changes: dict[str, Any], others: bool) -> None:
    assert (key(**model) != key(**{**model, **changes})) is others


def test_another_task() -> None:
    keys = {
        key(task, **SERVED)
        for task in (
            TASK,
            LmEvalTask(task="gsm8k", endpoint="completions"),
            LmEvalTask(task="gsm8k", num_fewshot=3),
            LmEvalTask(task="gsm8k", gen_kwargs={"max_gen_toks": 5}),
        )
    }
    assert len(keys) == 4


def test_another_commit_behind_the_same_name() -> None:
    model = Model(model="org/model")
    serving = infer(model, FILES, Gpus())
    keys = [cache_key(TASK, model, each) for each in (serving, replace(serving, resolved_revision="d0c"))]
    assert keys[0] != keys[1]


def test_urls_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = []
    for url in ("http://one", "http://two"):
        monkeypatch.setenv("OPENAI_API_BASE", url)
        keys.append(key(**{**ELSEWHERE, "base_urls": None}))
    assert keys[0] != keys[1]
    monkeypatch.setenv("OPENAI_API_BASE", "http://three")
    assert key(**SERVED) == key(**SERVED)
