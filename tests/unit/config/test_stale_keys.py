"""The column "Makes stale" of config/README.md, key by key, against the identities of the outputs."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from snakeval.config import Config
from snakeval.config.jsonschema import CONFIG, documented
from snakeval.dag import arena_identity, identity, shown
from snakeval.dag import comparisons as comparison_plan
from snakeval.schema.values import Strict
from unit.config.example_project import edit, load, write_project

TABLES = documented((CONFIG / "README.md").read_text(encoding="utf-8"))
SMALL = "vllm-folders-small"
# Where an object of each class stands in the configuration of the example.
PATHS: dict[str, tuple[str, ...]] = {
    "Settings": ("settings",),
    "Gpus": ("settings", "gpus"),
    "Bootstrap": ("settings", "bootstrap"),
    "Compare": ("settings", "compare"),
    "Gate": ("settings", "gate"),
    "Model": ("served", SMALL),
    "Sampling": ("served", SMALL, "sampling"),
    "Reasoning": ("served", SMALL, "reasoning"),
    "Benchmark": ("benchmarks", "sums"),
    "Source": ("benchmarks", "sums", "source"),
    "Fields": ("benchmarks", "sums", "fields"),
    "Judge": ("judges", "both"),
    "JudgeSampling": ("judges", "both", "sampling"),
    "Verdicts": ("judges", "both", "verdicts"),
    "RateLimits": ("judges", "both", "rate_limits"),
    "Price": ("judges", "both", "price"),
    "Arena": ("arenas", "duel"),
    "Category": ("arenas", "duel", "categories", "c"),
    "Official": ("arenas", "duel", "official"),
    "OfficialText": ("arenas", "duel", "official", "prompt"),
}
# Another value of a key; for text and numbers one is made up.
VALUES: dict[tuple[str, str], Any] = {
    ("Settings", "vllm"): ("x", "vllm"),
    ("Model", "engine"): "external",
    ("Model", "dtype"): "float32",
    ("Reasoning", "prefilled"): True,
    ("Model", "chat_template"): "config/prompts/open.jinja",
    ("Model", "base_urls"): ("http://localhost:1/v1",),
    ("Model", "hosted"): True,
    ("Model", "extra_body"): {"a": 1},
    ("Model", "vllm"): ("x", "vllm"),
    ("Model", "engine_args"): ("--x",),
    ("Model", "env"): {"A": "b"},
    ("Model", "concurrency"): 7,
    ("Sampling", "stop"): ("x",),
    ("Benchmark", "prompt"): "config/prompts/open.jinja",
    ("Benchmark", "system"): "config/prompts/open.jinja",
    ("Benchmark", "k"): (1, 2),
    ("Benchmark", "publish"): False,
    ("Benchmark", "by"): ("topic",),
    ("Fields", "choices"): ("wrong",),
    ("Compare", "k"): (1, 2),
    ("Gate", "metric"): "pass@2",
    ("Benchmark", "endpoint"): "completions",
    ("Benchmark", "corrections"): "mends",
    ("Source", "file"): "data/open.csv",
    ("Source", "where"): {"id": "s1"},
    ("Source", "non_finite"): True,
    ("Fields", "reference_form"): "boxed",
    ("Judge", "prompt"): "config/prompts/open.jinja",
    ("Judge", "system"): "config/prompts/open.jinja",
    ("Judge", "verdicts"): None,
    ("Judge", "base_urls"): ("http://localhost:1/v1",),
    ("Judge", "concurrency"): 7,
    ("Judge", "extra_body"): {"a": 1},
    ("Arena", "prompt"): "config/prompts/open.jinja",
    ("Arena", "system"): "config/prompts/open.jinja",
    ("Arena", "wording"): "official",
    ("Category", "system"): "config/prompts/open.jinja",
    ("OfficialText", "key"): ("x",),
    ("Arena", "convention"): "nemo-skills",
    ("Arena", "style_control"): ("length",),
    ("Arena", "widen"): ("position",),
    ("Arena", "human"): "data/open.csv",
    ("Judge", "human"): "data/open.csv",
}
# These name other files; what changes are the inputs and outputs of rules, not an identity. And keys
# that stand for objects have a table of their own.
NAMES = {("Settings", "models"), ("Settings", "benchmarks"), ("Settings", "arenas"), ("Model", "slug")}
NAMES |= {("Model", "agent")}
# It goes to the models when the configuration is read, which have a row of their own.
NAMES |= {("Settings", "vllm_version")}
NAMES |= {("Settings", "suites"), ("Settings", "lm_eval")}
NAMES |= {("Benchmark", "graders"), ("Benchmark", "thresholds"), ("Judge", "model"), ("Arena", "thresholds")}
NAMES |= {("Arena", "imported"), ("Model", "answers"), ("Arena", "categories"), ("Category", "baseline")}
NAMES |= {("Compare", "pairs"), ("Gate", "parents")}
NAMES |= {("Arena", key) for key in ("questions", "baseline", "judges", "models")}
KEYS = [
    (name, key)
    for name in PATHS
    for key, (value, *_) in TABLES[name].items()
    if (name, key) not in NAMES and not value.startswith(tuple(TABLES))
]


def replaced(holder: Any, path: tuple[str, ...], change: Any) -> Any:
    """A copy of a nested object in which `change` has been applied to what stands at the path."""
    if not path:
        return change(holder)
    first, rest = path[0], path[1:]
    if isinstance(holder, dict):
        return {**holder, first: replaced(holder[first], rest, change)}
    new = {first: replaced(getattr(holder, first), rest, change)}
    if isinstance(holder, Strict):
        return holder.model_copy(update=new)
    return dataclasses.replace(holder, **new)


def other(value: Any, kind: str) -> Any:
    """Another value of a key, of the kind that the README says."""
    if kind.startswith("integer"):
        return (value or 2) + 1
    if kind.startswith(("number", "0 to", "above", "-2 to")):
        return (value or 0.25) * 2
    return f"{value or ''}x"


def stages(config: Config) -> dict[str, str]:
    """The identity of each stage's outputs."""
    return {
        "problems": identity.prepare(config.benchmarks["sums"]),
        "generations": identity.infer_config(config.served[SMALL])
        + identity.generate(config, "sums", SMALL, 0),
        "grades": identity.grade(config, "sums", SMALL, "math"),
        "judge grades": identity.grade(config, "sums", SMALL, "both"),
        "metrics": identity.aggregate(config, "sums", SMALL),
        "judgments": arena_identity.arena_judge(config, "duel", "both", SMALL, 0),
        "leaderboards": arena_identity.leaderboard(config, "duel"),
        "comparisons": comparison_plan.compare_spec(config),
        "gate": comparison_plan.gate_spec(config),
        "calibrations": arena_identity.calibrate(config, "sums", "both"),
        "tables": identity.show(config, "summary") + shown.report(config) + identity.costs(config),
    }


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """The example with one judge for both roles."""
    root = write_project(tmp_path)
    (root / "config/judges/both.yaml").write_text((root / "config/judges/answers.yaml").read_text())
    with (root / "config/judges/both.yaml").open("a") as file:
        file.write("price: {input: 1, output: 2}\n")
    edit(root, "config/benchmarks/sums.yaml", "judge: answers", "judge: both")
    edit(root, "config/arenas/duel.yaml", "[pairs]", "[both]")
    with (root / "config/arenas/duel.yaml").open("a") as file:
        text = f"{{path: p, key: [k], sha256: '{'0' * 64}'}}"
        file.write(f"wording: auto\nofficial: {{repo: a/b, commit: '{'0' * 40}', prompt: {text}}}\n")
        file.write("categories: {c: {}}\n")
    monkeypatch.chdir(root)
    return load(root)


@pytest.mark.parametrize(("name", "key"), KEYS)
def test_what_a_key_makes_stale(name: str, key: str, config: Config) -> None:
    kind, _, makes_stale, _ = TABLES[name][key]
    expected = set(makes_stale.split(", ")) - {"nothing"}
    if "grades" in expected:
        expected.add("judge grades")
    if (name, key) == ("Model", "base_urls"):
        config = replaced(config, PATHS[name], lambda model: model.model_copy(update={"engine": "external"}))

    def change(holder: Strict) -> Strict:
        value = VALUES[name, key] if (name, key) in VALUES else other(getattr(holder, key), kind)
        return holder.model_copy(update={key: value})

    before, after = stages(config), stages(replaced(config, PATHS[name], change))
    assert {stage for stage in before if before[stage] != after[stage]} == expected
