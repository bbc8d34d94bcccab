"""Who answered: kept in the row, and named where it is not who was asked."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from snakeval.asking.who import same
from unit.asking.jobs import run
from unit.asking.replies import reply

# What is asked for is 'the-model'. The answer's name, the list, hosted or not, the other name.
NAMES = [
    ("the-model", ["the-model"], False, None),
    ("the-model", None, False, None),
    (None, ["the-model"], False, None),
    (None, None, False, None),
    ("another", ["the-model"], False, "another"),
    ("the-model", ["another"], False, "another"),  # it repeats the name it was asked by; sglang#10065
    (None, ["another", "third"], False, "another, third"),
    ("the-model", ["another", "the-model"], False, None),
    ("The-Model", None, False, "The-Model"),
    ("the-model-2024-08-06", None, False, "the-model-2024-08-06"),
    ("the-model-2024-08-06", None, True, None),
    ("org/the-model", None, True, None),
    ("the-model:free", None, True, None),
    ("the-model-preview-05-06", None, True, None),
    ("the-model-mini", None, True, "the-model-mini"),
    ("the-model-mini-2024-07-18", None, True, "the-model-mini-2024-07-18"),
    ("another", None, True, "another"),
]


@pytest.mark.parametrize(("said", "listed", "is_hosted", "other"), NAMES)
def test_who_answered_is_kept_and_another_than_was_asked_is_named(
    said: str | None,
    listed: list[str] | None,
    is_hosted: bool,
    other: str | None,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def answer(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        return web.json_response(reply(model=said))

    rows, _ = run(answer, tmp_path, is_hosted, count=3, models=listed)
    assert {(row.model, row.other_model, row.system_fingerprint) for row in rows} == {(said, other, "fp_1")}
    told = [entry.getMessage() for entry in caplog.records if entry.name == "snakeval.asking.who"]
    assert len(told) == (other is not None)
    assert all(f"asked for 'the-model' and is '{other}'" in text for text in told)


def test_an_alias_that_moves_within_a_run_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def answer(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        return web.json_response(reply(model="the-model-2" if number > 3 else "the-model-1"))

    with caplog.at_level(logging.WARNING):
        rows, _ = run(answer, tmp_path, True, count=9, concurrency=1)
    assert [row.model for row in rows] == ["the-model-1"] * 4 + ["the-model-2"] * 5
    assert "'the-model' answers under 2 names: the-model-1, the-model-2" in caplog.text


# A hosted model's name, what answered to it, whether that is the same.
ALIASES = [
    ("gpt-4o", "gpt-4o-2024-08-06", True),
    ("gpt-4", "gpt-4-0613", True),
    ("gpt-4", "gpt-4.1", False),
    ("gpt-4", "gpt-4o", False),
    ("gpt-4o", "gpt-4o-mini", False),
    ("gpt-5", "gpt-5.1-2025-11-13", False),
    ("gpt-4o-2024-08-06", "gpt-4o-2024-11-20", False),
    ("claude-3-5-sonnet-latest", "claude-3-5-sonnet-20241022", True),
    ("claude-3", "claude-3-5-sonnet", False),
    ("claude-sonnet-4", "claude-sonnet-4@20250514", True),
    ("mistral-large-latest", "mistral-large-2411", True),
    ("mistral-large-latest", "mistral-small-2411", False),
    ("gemini-2.5-pro", "models/gemini-2.5-pro-preview-05-06", True),
    ("gemini-1.5-pro", "gemini-1.5-pro-002", True),
    ("gemini-2.5-flash", "gemini-2.5-flash-lite", False),
    ("grok-4", "grok-4-0709", True),
    ("grok-3", "grok-3-mini-beta", False),
    ("llama-3", "llama-3-70b", False),
    ("openai/gpt-4o", "gpt-4o-2024-08-06", True),
    ("openai/gpt-4o", "OpenAI/GPT-4o", True),
    ("meta/llama-3-8b", "other/llama-3-8b", False),
    ("deepseek-chat", "deepseek-v3", False),
    ("x", "x:free", True),
    ("x", "", False),
]


@pytest.mark.parametrize(("asked", "said", "expected"), ALIASES)
def test_what_a_hosted_alias_may_be_answered_by(asked: str, said: str, expected: bool) -> None:
    assert same(asked, said, hosted=True) == expected
    assert same(asked, said, hosted=False) == (asked == said)
    assert same(asked, asked, hosted=False)
