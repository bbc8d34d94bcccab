"""A small project whose judge is a hosted API, answered by a fake server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from snakeval.config import Config
from snakeval.judging.bench import Bench, Question
from snakeval.models.infer import infer
from snakeval.models.serving_config import write_serving_config
from unit.config.example_project import load, write_project

KEY = "sk-the-key-of-the-judge"
ANSWER_TOKENS = 100
SERVING = Path("results/configs/judge.yaml")
JOURNAL = Path("results/.journal/arena/duel/pairs/small")


def project(
    root: Path, base_url: str, monkeypatch: pytest.MonkeyPatch, judge: str, **settings: Any
) -> Config:
    """The example project below `root`, its judge `pairs` being gpt-9 at `base_url`; `judge` adds keys."""
    monkeypatch.chdir(root)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    text = (
        f"model: gpt-9\nbase_urls: [{base_url}]\nsampling: {{temperature: 0, max_tokens: {ANSWER_TOKENS}}}\n"
    )
    config = load(write_project(root, {"config/judges/pairs.yaml": text + judge}), **settings)
    SERVING.parent.mkdir(parents=True, exist_ok=True)
    write_serving_config(
        SERVING, infer(config.served[config.judge_slug["pairs"]], None, config.settings.gpus)
    )
    return config


def bench(config: Config, journal: Path = JOURNAL) -> Bench:
    """The judge at work."""
    return Bench(config, "pairs", "arena_judge", serving=SERVING, service=None, journal=journal)


def questions(count: int, start: int = 0) -> list[Question]:
    """Different questions of 20 bytes each."""
    return [Question(f"q{i}", None, f"{i:020d}") for i in range(start, start + count)]
