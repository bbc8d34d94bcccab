"""Models with recorded answers: how many samples, which benchmarks, and names that are none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from snakeval.config import ConfigError
from snakeval.dag import identity, judges, plan
from unit.config.example_project import load, write_project


def test_recorded_answers_are_there_for_each_benchmark(tmp_path: Path) -> None:
    model = "model: made\nengine: recorded\nanswers: {open: {file: data/open.csv}}\n"
    root = write_project(tmp_path, {"config/models/made.yaml": model})
    with pytest.raises(ConfigError, match=r"config/models/made\.yaml: answers: has none to 'sums'"):
        load(root, models="made", benchmarks="sums", arenas="")


@pytest.mark.parametrize(
    ("answers", "benchmarks", "lacking"),
    [
        ("{sums: {file: data/sums.jsonl}}", "sums", []),
        ("{sums: {file: data/sums.jsonl}}", "sums,open", ["open"]),
        ("{open: {file: data/open.csv}}", "sums,open", ["sums"]),
        ("{sums: {file: data/sums.jsonl}, open: {file: data/open.csv}}", "sums", []),
    ],
)
def test_a_recorded_model_may_lack_a_benchmark(
    answers: str, benchmarks: str, lacking: list[str], tmp_path: Path
) -> None:
    model = f"model: made\nengine: recorded\nanswers: {answers}\n"
    root = write_project(tmp_path, {"config/models/made.yaml": model})
    config = load(root, models="made,small", benchmarks=benchmarks, arenas="")
    slug = next(iter(config.models))
    assert config.unanswered == [[slug, name] for name in lacking]
    assert len(config.warnings) == bool(lacking)
    # Nothing is wanted of what it lacks, and all of what others have.
    wanted = plan.metrics(config)
    for name in benchmarks.split(","):
        graded = bool(config.benchmarks[name].graders)
        assert any(f"/{name}/{slug}/" in path for path in wanted) == (graded and name not in lacking)
        assert any(f"/{name}/vllm-folders-small/" in path for path in wanted) == graded
        assert len(judges.grades(config, name, "x")) == 2 - (name in lacking)
    shown = json.loads(identity.show(config, "summary"))
    assert shown.get("unanswered", []) == config.unanswered


def test_a_misspelt_name_is_not_taken_for_a_benchmark_without_answers(tmp_path: Path) -> None:
    answers = "{som: {file: data/sums.jsonl}, open: {file: data/open.csv}}"
    model = f"model: made\nengine: recorded\nanswers: {answers}\n"
    root = write_project(tmp_path, {"config/models/made.yaml": model})
    with pytest.raises(ConfigError, match="answers: has none to 'sums'"):
        load(root, models="made", benchmarks="sums,open", arenas="")


def test_as_many_recorded_answers_count_as_there_are(tmp_path: Path) -> None:
    model = "model: made\nengine: recorded\nanswers: {sums: {file: data/sums.jsonl}}\n"
    config = load(write_project(tmp_path, {"config/models/made.yaml": model}), models="made,small", arenas="")
    own = json.loads(identity.aggregate(config, "sums", "vllm-folders-small"))
    recorded = json.loads(identity.aggregate(config, "sums", next(iter(config.models))))
    assert (own["n_samples"], recorded["n_samples"]) == (4, None)
