"""Where a model's sampling parameters come from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from snakeval.asking.build import LengthError, request_body, request_identity
from snakeval.models.files import ModelFiles
from snakeval.models.infer import InferError, infer
from snakeval.schema import Gpus, Model, Sampling


def files(generation: dict[str, Any] | None) -> ModelFiles:
    return ModelFiles(Path("cache"), "c0ffee", "commit", {"n_ctx": 512}, generation, None, None)


SAMPLING: list[tuple[dict[str, Any] | None, dict[str, Any]]] = [
    (None, {}),
    ({"do_sample": False}, {}),
    ({"do_sample": False, "temperature": 0.7, "min_p": 0.1}, {"temperature": 0.7, "min_p": 0.1}),
    ({"temperature": 0.7, "top_p": None}, {"temperature": 0.7}),
    ({"max_new_tokens": 5, "repetition_penalty": 1.05}, {"repetition_penalty": 1.05}),
]


@pytest.mark.parametrize(("generation", "expected"), SAMPLING)
def test_the_model_s_own_defaults(generation: dict[str, Any] | None, expected: dict[str, Any]) -> None:
    by_hand = Sampling(temperature=0.1, stop=("a",))
    found = infer(Model(model="m", sampling=by_hand), files(generation), Gpus(), "config/models/x.yaml")
    assert found.sampling == expected
    for key in expected:
        assert found.provenance[f"sampling.{key}"] == f"generation_config.json: {key}"


def test_an_answer_as_long_as_the_context_is_refused_before_anybody_is_asked() -> None:
    model = Model(model="m")
    serving = infer(model, files(None), Gpus(), "config/models/x.yaml")
    context = serving.max_model_len
    assert context == 512
    long, place = Sampling(max_tokens=context), "config/benchmarks/b.yaml"
    assert request_body(model, serving, Sampling(max_tokens=context - 1), place)["max_tokens"] == 511
    said = r"config/benchmarks/b.yaml: sampling.max_tokens is 512, .* the context of m has 512 tokens"
    with pytest.raises(LengthError, match=said):
        request_body(model, serving, long, place)
    by_model = Model(model="m", sampling=long)
    with pytest.raises(LengthError, match="the model's max_tokens is 512"):
        request_body(by_model, serving, Sampling(), place)
    assert request_body(by_model, serving, Sampling(max_tokens=7), place)["max_tokens"] == 7
    newer = Model(model="m", extra_body={"max_completion_tokens": context})
    with pytest.raises(LengthError, match="extra_body: max_completion_tokens is 512"):
        request_body(newer, serving, Sampling(max_tokens=7), place)
    external = Model(model="m", engine="external", base_urls=("http://localhost:1/v1",))
    assert request_body(external, serving, long, place)["max_tokens"] == 512  # its server may cut it


def test_marks_of_reasoning_are_no_part_of_a_request() -> None:
    """So that answers which an earlier version asked for are not asked for again."""
    model = Model(model="m")
    serving = infer(model, files(None), Gpus(), "config/models/x.yaml")
    earlier = replace(serving, reasoning={})
    assert serving.reasoning
    bodies = [request_body(model, each, Sampling(), "b.yaml") for each in (serving, earlier)]
    assert bodies[0] == bodies[1]
    assert request_identity("generate", model, serving, bodies[0]) == request_identity(
        "generate", model, earlier, bodies[1]
    )


# (generation_config.json, the key that no request could be sent with)
IMPOSSIBLE = [
    ({"top_p": 0.0}, "top_p"),
    ({"temperature": 2.5}, "temperature"),
    ({"repetition_penalty": 0}, "repetition_penalty"),
]


@pytest.mark.parametrize(("generation", "key"), IMPOSSIBLE)
def test_a_default_that_the_engine_refuses_is_refused_before(generation: dict[str, Any], key: str) -> None:
    with pytest.raises(InferError, match=rf"generation_config.json: {key} is .*: set sampling.{key}"):
        infer(Model(model="m"), files(generation), Gpus())
    by_hand = Sampling.model_validate({key: 1})
    assert infer(Model(model="m", sampling=by_hand), files(generation), Gpus()).sampling == generation
    assert infer(Model(model="m", extra_body={key: None}), files(generation), Gpus()).sampling == generation
    elsewhere = Model(model="m", engine="external", base_urls=("http://localhost:1/v1",))
    assert infer(elsewhere, files(generation), Gpus()).sampling == generation
