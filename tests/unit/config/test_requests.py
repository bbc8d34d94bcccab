"""What an engine would refuse in every request is a mistake of the file that sets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from snakeval.config import ConfigError
from unit.config.example_project import Mistake, check_mistake, edit, load, write_project

SMALL = "config/models/small.yaml"
SUMS = "config/benchmarks/sums.yaml"
OPEN = "config/benchmarks/open.yaml"
PAIRS = "config/judges/pairs.yaml"
SAMPLED = "sampling: {temperature: 0.8}"
# A judge that is served here.
SERVED = {PAIRS: "model: small\nsampling: {temperature: 0, stop: [a, b, c, d]}\n"}

MISTAKES: dict[str, Mistake] = {
    "stops of a benchmark": (
        SUMS,
        "n_samples: 4",
        "n_samples: 4\nsampling: {stop: [a, b, c, d, e]}",
        SUMS,
        "sampling.stop",
        ["5 texts", "VLLM_MAX_STOP_STRINGS"],
    ),
    "stops of a model": (
        SMALL,
        SAMPLED,
        "sampling: {stop: [a, b, c, d, e]}",
        SMALL,
        "sampling.stop",
        ["5 texts"],
    ),
    "temperature": (
        SMALL,
        SAMPLED,
        "sampling: {temperature: 3}",
        SMALL,
        "sampling.temperature",
        ["at most 2"],
    ),
    "top_p": (SMALL, SAMPLED, "extra_body: {top_p: 0}", SMALL, "extra_body.top_p", ["above 0"]),
    "questions of an arena": (
        OPEN,
        "prompt:",
        "sampling: {temperature: 2.5}\nprompt:",
        OPEN,
        "sampling.temperature",
        ["at most 2"],
    ),
    "guided choice": (
        SMALL,
        SAMPLED,
        "extra_body: {guided_choice: [A, B]}",
        SMALL,
        "extra_body.guided_choice",
        ["structured_outputs"],
    ),
    "stops of a judge": (
        PAIRS,
        "d]",
        "d, e]",
        PAIRS,
        "sampling.stop",
        ["5 texts"],
    ),
    "body of a judge": (
        PAIRS,
        "model: small",
        "model: small\nextra_body: {guided_json: {}}",
        PAIRS,
        "extra_body.guided_json",
        ["structured_outputs"],
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake(name: str, tmp_path: Path) -> None:
    check_mistake(write_project(tmp_path, SERVED), MISTAKES[name])


# (model's file, old text, new text): nothing is refused.
RIGHT = [
    (SMALL, SAMPLED, "sampling: {stop: [a, b, c, d, e]}\nenv: {VLLM_MAX_STOP_STRINGS: '8'}"),
    (SMALL, SAMPLED, "sampling: {stop: [a, b, c, d, e]}\nextra_body: {stop: null}"),
    (SMALL, SAMPLED, "sampling: {temperature: 2}"),
    (SMALL, SAMPLED, "extra_body: {structured_outputs: {choice: [A, B]}}"),
    # Another server's limits are its own.
    ("config/models/referee.yaml", "revision: v1.0", "sampling: {temperature: 3, stop: [a, b, c, d, e]}"),
    ("config/models/referee.yaml", "revision: v1.0", "extra_body: {guided_choice: [A, B]}"),
]


@pytest.mark.parametrize(("file", "old", "new"), RIGHT)
def test_answered(file: str, old: str, new: str, tmp_path: Path) -> None:
    root = write_project(tmp_path)
    edit(root, file, old, new)
    assert load(root).models


def test_parameters_of_harness_tasks(tmp_path: Path) -> None:
    task = "task: gsm8k\ngen_kwargs: {temperature: 2.5, until: [a, b, c, d, e]}\n"
    root = write_project(tmp_path, {"config/lm_eval/hot.yaml": task})
    with pytest.raises(ConfigError) as raised:
        load(root, lm_eval=["hot"])
    (problem,) = raised.value.problems
    assert (problem.file, problem.key) == ("config/lm_eval/hot.yaml", "gen_kwargs.temperature")


def test_a_benchmark_stands_over_its_model(tmp_path: Path) -> None:
    root = write_project(tmp_path)
    edit(root, SMALL, SAMPLED, "sampling: {temperature: 3}")
    for file in (SUMS, OPEN):
        edit(root, file, "prompt:", "sampling: {temperature: 1}\nprompt:")
    assert load(root).models
