"""Judges that can't be paid, paced or reached, found before anything is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from unit.config.example_project import Mistake, check_mistake, edit, load, write_project

PAIRS = "config/judges/pairs.yaml"
SETTINGS = "config/config.yaml"
LOCAL = "model: referee\n"
PRICED = "model: gpt-9\nprice: {input: 1, output: 2}\n"

# name: (new content of the judge's file, key of the one mistake, words of its message)
MISTAKES: dict[str, tuple[str, str, list[str]]] = {
    "no price for a budget": (f"{LOCAL}budget: 5\n", "price", ["budget of 5", "'input'"]),
    "no price for the run's budget": ("model: gpt-9\n", "price", ["is missing", "budget of 20"]),
    "no bound of an answer": (
        PRICED + "budget: 5\n",
        "sampling.max_tokens",
        ["is missing", "reserving the longest answer"],
    ),
    "an answer above the limit": (
        LOCAL + "sampling: {max_tokens: 9000}\nrate_limits: {tokens_per_minute: 8000}\n",
        "rate_limits.tokens_per_minute",
        ["8000", "one answer may take 9000"],
    ),
    "half a price": (LOCAL + "price: {input: 1}\n", "price.output", ["missing"]),
    "price below zero": (LOCAL + "price: {input: -1, output: 1}\n", "price.input", ["0"]),
    "no key under the judge's own variable": (
        "model: openai/gpt-9\napi_key_env: TEAM_KEY\n",
        "model",
        ["variable TEAM_KEY is not set"],
    ),
    "an address of an engine": (
        "model: folders/run/step9\nbase_urls: [http://h/v1]\n",
        "model",
        ["'engine: external'"],
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    monkeypatch.delenv("TEAM_KEY", raising=False)
    root = write_project(tmp_path)
    if "run's" in name:
        edit(root, SETTINGS, "seed: 7", "seed: 7\nbudget: 20")
    text, key, words = MISTAKES[name]
    check_mistake(root, (PAIRS, LOCAL, text, PAIRS, key, words))


def test_two_currencies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    bounded = PRICED + "sampling: {max_tokens: 10}\n"
    other = bounded.replace("gpt-9", "gpt-8").replace("output: 2", "output: 2, currency: EUR")
    root = write_project(tmp_path, {PAIRS: bounded, "config/judges/more.yaml": other})
    edit(root, SETTINGS, "seed: 7", "seed: 7\nbudget: 20")
    more, words = "config/judges/more.yaml", ["USD ('pairs') and EUR ('more')"]
    mistake: Mistake = (
        *("config/arenas/duel.yaml", "[pairs]", "[pairs, more]"),
        *(more, "price.currency", words),
    )
    check_mistake(root, mistake)


def test_a_judge_stands_over_its_models_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEAM_KEY", "k")
    text = "model: google/gemini-9\napi_key_env: TEAM_KEY\nconcurrency: 3\n"
    config = load(write_project(tmp_path, {PAIRS: text}))
    assert config.judge_slug["pairs"] == "google-gemini-9"
    model = config.served["google-gemini-9"]
    assert (model.model, model.hosted, model.engine) == ("gemini-9", True, "external")
    assert (model.api_key_env, model.concurrency) == ("TEAM_KEY", 3)
    assert model.base_urls is not None
    assert model.base_urls[0].startswith("https://generativelanguage.googleapis.com/")
    assert model.extra_body == {"seed": None}  # which that endpoint refuses
