"""Lanes: which server each benchmark, each shard and each judged model has."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from snakeval.config import Config
from snakeval.dag import lanes, plan
from snakeval.models.infer import infer
from snakeval.models.serving_config import write_serving_config
from unit.config.example_project import edit, load, write_project

SMALL, LATE = "vllm-folders-small", "vllm-folders-late"
NAMES = ["b0", "b1", "b2", "b3", "b4"]
BENCHMARK = (
    "source: {file: data/sums.jsonl}\nfields: {problem: question}\nprompt: config/prompts/solve.jinja\n"
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The example project with five benchmarks."""
    return write_project(tmp_path, {f"config/benchmarks/{name}.yaml": BENCHMARK for name in NAMES})


def services(config: Config, model: str) -> list[str]:
    """The lanes of the five benchmarks."""
    found = [lanes.generate_inputs(config, name, model)["service"] for name in NAMES]
    assert all(str(path).endswith(f"/{model}.json") for path in found)
    return [Path(str(path)).parent.name for path in found]


def test_one_server_a_model(root: Path) -> None:
    assert services(load(root, benchmarks=NAMES), SMALL) == ["generate"] * 5


def test_lanes_of_the_settings_and_of_a_model(root: Path) -> None:
    dealt = ["generate", "generate-1", "generate", "generate-1", "generate"]
    assert services(load(root, benchmarks=NAMES, lanes=2), SMALL) == dealt
    edit(root, "config/models/small.yaml", "label: Small", "lanes: 3")
    config = load(root, benchmarks=NAMES, lanes=2)
    assert services(config, SMALL) == ["generate", "generate-1", "generate-2", "generate", "generate-1"]
    assert services(config, LATE) == dealt


def test_shards_have_servers_of_their_own(root: Path) -> None:
    (root / "config/benchmarks/b1.yaml").write_text(BENCHMARK + "shards: 3\n")
    config = load(root, benchmarks=NAMES)
    assert lanes.generate_inputs(config, "b1", SMALL) == {
        "shards": [f"results/shards/b1/{SMALL}/{index}-of-3.parquet" for index in range(3)]
    }
    assert [lanes.shard_inputs(config, SMALL, index) for index in range(3)] == [
        {"service": f"results/services/{lane}/{SMALL}.json"}
        for lane in ("generate", "generate-1", "generate-2")
    ]


def test_an_endpoint_that_exists_has_neither(root: Path) -> None:
    (root / "config/benchmarks/b1.yaml").write_text(BENCHMARK + "shards: 3\n")
    config = load(root, models=["referee"], arenas=[], benchmarks=NAMES, lanes=2)
    (referee,) = config.models
    assert lanes.generate_inputs(config, "b1", referee) == {}
    assert lanes.shard_inputs(config, referee, 1) == {}


def test_batches_of_a_judge(root: Path) -> None:
    edit(root, "config/models/referee.yaml", "engine: external\nbase_urls: [http://localhost:8000/v1]\n", "")
    config = load(root)
    batches = [plan.judge_service(config, "answers", model)["service"] for model in (SMALL, LATE)]
    assert {Path(path).parent.name for path in batches} == {"judge-0"}
    edit(root, "config/judges/answers.yaml", "model: referee", "model: referee\nbatch_size: 1")
    config = load(root)
    batches = [plan.judge_service(config, "answers", model)["service"] for model in (SMALL, LATE)]
    assert [Path(path).parent.name for path in batches] == ["judge-0", "judge-1"]


def test_the_serving_configs_that_say_how_models_mark_their_reasoning(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recorded model has none; what the model's file sets stands over it."""
    monkeypatch.chdir(root)
    edit(root, "config/models/small.yaml", "label: Small", "reasoning: {prefilled: false}")
    config = load(root)
    small = config.served[SMALL]
    recorded = small.model_copy(update={"engine": "recorded"})
    config = dataclasses.replace(config, served={**config.served, "old": recorded})
    assert lanes.serving_configs(config, SMALL, "old", SMALL) == [f"results/configs/{SMALL}.yaml"]
    assert plan.arena_inputs(config, "duel", "pairs", LATE)["marks"] == [
        f"results/configs/{name}.yaml" for name in (*plan.baselines(config, "duel"), LATE)
    ]
    assert lanes.reasoning(config, "old") == small.reasoning
    inferred = infer(small, None, config.settings.gpus)
    found = {"start": ["<think>"], "end": ["</think>"], "prefilled": True}
    Path("results/configs").mkdir(parents=True)
    write_serving_config(
        Path(f"results/configs/{SMALL}.yaml"), dataclasses.replace(inferred, reasoning=found)
    )
    joined = lanes.reasoning(config, SMALL)
    assert (joined.start, joined.end, joined.prefilled) == (("<think>",), ("</think>",), False)
