"""Arenas: judges by name, baselines of categories, recorded answers, official prompts; and their mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from snakeval.dag import plan
from unit.config.example_project import Mistake, check_mistake, edit, load, write_project

DUEL = "config/arenas/duel.yaml"
OLD = "config/models/old.yaml"
TEXT = f"{{path: p.yaml, key: [k], sha256: '{'0' * 64}'}}"
OFFICIAL = f"official: {{repo: a/b, commit: abc, prompt: {TEXT}}}\n"
RECORDED = "model: old\nengine: recorded\nanswers: {open: {file: data/old.jsonl}}\n"
FILES = {OLD: RECORDED, "data/old.jsonl": ""}


@pytest.mark.parametrize(
    ("named", "judge"),
    [
        ("referee", "external-referee-big-7b-v1.0"),
        ("gpt-9", "openai-gpt-9"),
        ("google/gemini-9", "google-gemini-9"),
        ("Org/Judge-7B@v2", "vllm-org-judge-7b-v2"),
        ("pairs", "pairs"),
    ],
)
def test_judges_by_name(named: str, judge: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("OPENAI_API_KEY", "GEMINI_API_KEY"):
        monkeypatch.setenv(variable, "k")
    root = write_project(tmp_path)
    edit(root, DUEL, "[pairs]", f"[{named}]")
    config = load(root)
    assert config.arenas["duel"].judges == (judge,)
    assert config.judge_slug[judge] in config.served
    assert plan.leaderboards(config) == [f"results/arena/duel/{judge}/leaderboard.json"]


def test_baselines_of_categories(tmp_path: Path) -> None:
    """Each baseline is judged on the questions of the other, if it is under test."""
    root = write_project(tmp_path, FILES)
    edit(root, DUEL, "baseline: small", "baseline: small\ncategories: {hard: {baseline: old}}")
    config = load(root, models=["small", "folders/late", "old"], benchmarks=[])
    small, late, old = config.models
    assert plan.baselines(config, "duel") == [small, old]
    assert config.arena_models["duel"] == (small, late, old)
    inputs = plan.arena_inputs(config, "duel", "pairs", late)
    answers = "results/generations/open"
    assert inputs["baselines"] == [f"{answers}/{small}.parquet", f"{answers}/{old}.parquet"]
    assert plan.arena_inputs(config, "duel", "pairs", old)["baselines"] == [f"{answers}/{small}.parquet"]
    assert plan.answered(config) == [("open", small), ("open", late)]
    assert plan.recorded(config, True) == "recorded\\-old"
    assert set(plan.recorded(config, False).split("|")).isdisjoint({"recorded\\-old"})


# name: (file that is edited, old text, new text, file and key of the one mistake, words of its message)
MISTAKES: dict[str, Mistake] = {
    "no answers": (OLD, "answers:", "sampling: {}\n#", OLD, "answers", ["is missing", "'engine: recorded'"]),
    "answers to something else": (OLD, "open:", "sums:", OLD, "answers", ["none to 'open'", "sums"]),
    "no file of answers": (OLD, "old.jsonl", "odl.jsonl", OLD, "answers.open.file", ["'data/odl.jsonl'"]),
    "recorded on a GPU": (OLD, "engine:", "dtype: auto\nengine:", OLD, "dtype", ["'engine: recorded'"]),
    "a recorded judge": (
        *("config/judges/pairs.yaml", "referee", "old", "config/judges/pairs.yaml", "model"),
        ["only recorded answers"],
    ),
    "wording from nowhere": (DUEL, "weight", "wording: official\nweight", DUEL, "", ["needs 'official'"]),
    "half a commit": (
        *(DUEL, "weight", OFFICIAL + "weight", DUEL, "official.commit"),
        ["40 hexadecimal"],
    ),
    "a category's official prompt from nowhere": (
        *(DUEL, "weight", f"categories: {{c: {{official_system: {TEXT}}}}}\nweight", DUEL, ""),
        ["goes with 'official'"],
    ),
    "a category's unknown baseline": (
        *(DUEL, "weight", "categories: {c: {baseline: odl}}\nweight", DUEL, "categories.c.baseline"),
        ["'odl'", "'old'"],
    ),
    "a category's prompt that is not there": (
        *(DUEL, "weight", "categories: {c: {system: config/prompts/x.jinja}}\nweight"),
        *(DUEL, "categories.c.system", ["no file"]),
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake(name: str, tmp_path: Path) -> None:
    root = write_project(tmp_path, FILES)
    edit(root, "config/config.yaml", "[small, folders/late]", "[small, folders/late, old]")
    edit(root, "config/config.yaml", "[sums]", "[]")
    edit(root, DUEL, "prompt:", "weight: 3\nprompt:")
    check_mistake(root, MISTAKES[name])
