"""A try holds for all benchmarks, arenas and tasks, under names of their own; all else is as it was."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from snakeval.config import Config, ConfigError, load_config
from snakeval.config.tries import folder, in_words, mark, original
from snakeval.dag import identity, judges, plan
from snakeval.schema import Settings

ROOT = Path(__file__).resolve().parents[3]
DEMO = {"models": ["demo-early", "demo-late"], "benchmarks": ["demo-arithmetic"], "arenas": ["demo"]}
ALL: dict[str, Any] = {"limit": 5, "n_samples": 2, "temperature": 0}
# Settings, how names end, and the words for people.
NAMES: list[tuple[dict[str, Any], str, str]] = [
    ({}, "", ""),
    ({"limit": 5}, ".try-limit5", "limit 5"),
    ({"n_samples": 2}, ".try-samples2", "n_samples 2"),
    ({"temperature": 0}, ".try-temperature0", "temperature 0"),
    ({"temperature": 0.0}, ".try-temperature0", "temperature 0"),
    ({"temperature": 0.7}, ".try-temperature0.7", "temperature 0.7"),
    (ALL, ".try-limit5-samples2-temperature0", "limit 5, n_samples 2, temperature 0"),
]


def load(**settings: Any) -> Config:
    return load_config({**DEMO, **settings}, ROOT)


@pytest.mark.parametrize(("settings", "end", "words"), NAMES)
def test_the_names_of_a_try(settings: dict[str, Any], end: str, words: str) -> None:
    chosen = Settings(**settings)
    assert (mark(chosen), in_words(chosen)) == (end, words)
    assert original(f"aime_2024{end}") == "aime_2024"
    assert folder(chosen) == (f"results/tries/{end.removeprefix('.try-')}" if end else "results")


def test_a_try_shares_no_file_of_its_results_with_the_real_thing() -> None:
    real, tried = load(), load(**ALL)
    for files in (plan.metrics, plan.plots, plan.leaderboards, judges.costs, judges.usages):
        assert files(real)
        assert not set(files(real)) & set(files(tried))
    assert not set(plan.answered(real)) & set(plan.answered(tried))


def test_the_real_thing_is_as_it_was() -> None:
    assert load(limit=None, n_samples=None, temperature=None) == load()


def test_what_a_try_sets() -> None:
    end = mark(Settings(**ALL))
    tried = load(**ALL)
    arithmetic, questions = (tried.benchmarks[name + end] for name in ("demo-arithmetic", "demo-questions"))
    assert (arithmetic.limit, arithmetic.n_samples, arithmetic.sampling.temperature) == (5, 2, 0)
    assert (questions.limit, questions.n_samples) == (5, 1), "an arena compares one answer a question"
    assert arithmetic.label == "Demo arithmetic (try: limit 5, n_samples 2, temperature 0)"
    assert tried.settings.benchmarks == ("demo-arithmetic" + end,)
    assert tried.arenas["demo" + end].questions == "demo-questions" + end
    assert tried.arena_models == {"demo" + end: ("demo-late",)}


# What a try sets, and the keys of a benchmark's identity that it may change.
CHANGES: list[tuple[dict[str, Any], set[str]]] = [
    ({"limit": 5}, set()),
    ({"n_samples": 2}, {"n_samples"}),
    ({"temperature": 0.5}, {"sampling"}),
]


@pytest.mark.parametrize(("settings", "keys"), CHANGES)
def test_a_sample_is_of_the_same_settings_but_for_those(settings: dict[str, Any], keys: set[str]) -> None:
    real, tried = load(), load(**settings)
    (name,) = (key for key in tried.benchmarks if key.startswith("demo-arithmetic"))
    before = json.loads(identity.generate(real, "demo-arithmetic", "demo-late", 0))
    after = json.loads(identity.generate(tried, name, "demo-late", 0))
    assert {key for key in before if before[key] != after[key]} == keys


def test_a_smaller_limit_of_the_file_stays(tmp_path: Path) -> None:
    for part in ("config", "demo"):
        shutil.copytree(ROOT / part, tmp_path / part)
    path = tmp_path / "config/benchmarks/demo-arithmetic.yaml"
    path.write_text(path.read_text() + "limit: 3\nk: [1, 2, 8]\n")
    tried = load_config({**DEMO, "limit": 5, "n_samples": 2}, tmp_path)
    (benchmark,) = (value for key, value in tried.benchmarks.items() if key.startswith("demo-arithmetic"))
    assert (benchmark.limit, benchmark.k) == (3, (1, 2))


WRONG = [("limit", 0), ("limit", "five"), ("limit", 2.5), ("n_samples", -1), ("n_samples", True)]


@pytest.mark.parametrize(("key", "value"), [*WRONG, ("temperature", -1), ("temperature", 3), ("limt", 5)])
def test_a_wrong_try_is_refused(key: str, value: object) -> None:
    with pytest.raises(ConfigError, match=key):
        load(**{key: value})


# A key in config/config.yaml (or on the command line) that is none there, and the files it belongs in.
ELSEWHERE = {
    "max_tokens": "config/benchmarks/NAME.yaml (as 'sampling.max_tokens')",
    "top_p": "config/benchmarks/NAME.yaml (as 'sampling.top_p')",
    "prompt": "config/benchmarks/NAME.yaml",
    "source": "config/benchmarks/NAME.yaml",
    "graders": "config/benchmarks/NAME.yaml",
    "shards": "config/benchmarks/NAME.yaml",
    "context_length": "config/models/NAME.yaml",
    "concurrency": "config/models/NAME.yaml or config/judges/NAME.yaml",
    "verdicts": "config/judges/NAME.yaml",
    "baseline": "config/arenas/NAME.yaml",
    "num_fewshot": "config/lm_eval/NAME.yaml",
}


@pytest.mark.parametrize("key", ELSEWHERE)
def test_a_key_of_another_file_is_answered_with_it(key: str) -> None:
    with pytest.raises(ConfigError) as found:
        load(**{key: 1})
    assert f"it belongs in {ELSEWHERE[key]}" in str(found.value)


@pytest.mark.parametrize("key", ["modles", "nothing_like_it", "seeed", "memory_gib", "rounds"])
def test_a_misspelt_key_is_not_said_to_belong_elsewhere(key: str) -> None:
    with pytest.raises(ConfigError) as found:
        load(**{key: 1})
    assert "it belongs in" not in str(found.value)
