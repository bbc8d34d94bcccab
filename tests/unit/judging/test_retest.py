"""A judge asked again: which games, with which seed and temperature, and once only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from snakeval.dag.identity import VERSIONS
from snakeval.judging.verdicts import extract_label
from snakeval.models.serving_config import read_serving_config, write_serving_config
from unit.asking.fake_server import FakeServer, completion
from unit.judging.hosted_judge import SERVING, bench, project, questions


async def verdict(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
    return completion("[[A>B]]" if number < 6 else "[[B>A]]")


def test_some_games_are_asked_again_with_another_seed_and_no_other_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = questions(6)
    with FakeServer(verdict).running() as server:
        config = project(tmp_path, server.base_url, monkeypatch, "")
        judge = bench(config)
        answers, again = judge.ask_some_twice(asked, 2, extract_label)
        assert len(server.bodies) == 8
        assert judge.ask_some_twice(asked, 2, extract_label) == (answers, again)
        assert judge.ask_some_twice(asked, 0, extract_label) == (answers, {})
        assert bench(config).ask_some_twice(asked, 3, extract_label)[1].keys() > again.keys()
        assert len(server.bodies) == 9
    assert list(answers) == asked
    assert {answer.label for answer in again.values()} == {"B>A"}
    first = {body["messages"][0]["content"]: body for body in server.bodies[:6]}
    for body in server.bodies[6:]:
        before = dict(first[body["messages"][0]["content"]])
        assert body.pop("seed") != before.pop("seed")
        assert body == before


@pytest.mark.parametrize(
    ("marks", "label"),
    [({}, "A>B"), ({"start": ["<think>"], "end": ["</think>"], "prefilled": True}, None)],
)
def test_a_judges_inferred_marks(
    marks: dict[str, Any], label: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A verdict in reasoning that never ends is none."""

    async def thinking(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        return completion("Perhaps [[A>B]]? Let me")

    with FakeServer(thinking).running() as server:
        config = project(tmp_path, server.base_url, monkeypatch, "max_attempts: 1\n")
        found = read_serving_config(SERVING)
        write_serving_config(SERVING, replace(found, reasoning={**found.reasoning, **marks}))
        answers = bench(config).ask(questions(1), extract_label)
    assert [answer.label for answer in answers.values()] == [label]


def test_what_was_answered_is_not_asked_again_because_it_is_read_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeServer(verdict).running() as server:
        config = project(tmp_path, server.base_url, monkeypatch, "")
        first = bench(config).ask(questions(2), extract_label)
        monkeypatch.setitem(VERSIONS, "arena_judge", VERSIONS["arena_judge"] + 1)
        assert bench(config).ask(questions(2), extract_label) == first
        assert len(server.bodies) == 2
