"""A judge asked again: which games, with which seed and temperature, and once only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from snakeval.judging.verdicts import extract_label
from unit.asking.fake_server import FakeServer, completion
from unit.judging.hosted_judge import bench, project, questions


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
