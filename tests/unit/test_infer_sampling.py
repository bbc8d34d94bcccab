"""Where a model's sampling parameters come from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from snakeval.config.schema import Gpus, Model, Sampling
from snakeval.infer import infer
from snakeval.model_files import ModelFiles


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
