"""Texts that are continued rather than answered: the endpoint for plain completions, by both clients."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from snakeval.asking.ask import Limits
from snakeval.asking.endpoints import Endpoint
from snakeval.asking.request import Request
from snakeval.asking.rows import complete, rows_of
from snakeval.types import COMPLETION, Message
from unit.asking.fake_server import FakeServer, plain_completion


class FixedHandle:
    """An endpoint that is there from the start."""

    managed = False

    def __init__(self, url: str) -> None:
        self.endpoint = Endpoint((url,), "base-model", "key")

    def demand(self) -> None:
        return None

    async def wait_ready(self, timeout: float) -> Endpoint:
        return self.endpoint

    def gone(self) -> str | None:
        return None


@pytest.mark.parametrize("hosted", [False, True])
def test_a_text_goes_to_the_other_endpoint(hosted: bool, tmp_path: Path) -> None:
    paths: list[str] = []

    async def answer(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        paths.append(request.path)
        return plain_completion(" 4.\n")

    text: Message = {"role": COMPLETION, "content": "Question: 2 + 2?\nAnswer:"}
    asked = [Request("p", 0, "d" * 32, (text,), 7, {"temperature": 0.0, "stop": ["\nQuestion:"]})]
    with FakeServer(answer).running() as server:
        index = complete(asked, tmp_path, FixedHandle(server.base_url), Limits(concurrency=1, hosted=hosted))
    (row,) = rows_of(asked, index)
    assert paths == ["/v1/completions"]
    (body,) = server.bodies
    assert (body["prompt"], body["stop"], body["seed"]) == (text["content"], ["\nQuestion:"], 7)
    assert "messages" not in body
    assert (row.text, row.finish_reason, row.completion_tokens, row.error) == (" 4.\n", "stop", 4, None)
    assert row.messages == (text,)
