"""Pages, bodies without end and drips in place of completions: each is one bad row, with both clients."""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from snakeval.asking import ask as asking
from snakeval.asking import completions, hosted, http_pool
from unit.asking.fake_server import completion
from unit.asking.jobs import BOTH, for_seed, run


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "FIRST_PAUSE", 0.01)


# What a gateway sends with status 200, and the error of its row.
PAGES = {
    "HTML": (
        b"<html><body>Bad gateway</body></html>",
        "text/html",
        "transient: the answer is not JSON: '<html>",
    ),
    "null": (b"null", "application/json", "transient: not a chat completion: null"),
    "brackets": (b"[" * 200_000, "application/json", "transient: the answer is not JSON: '[[["),
    "nothing": (b"", "application/json", "transient: the answer is not JSON: ''"),
    "a number": (b"5", "application/json", "transient: not a chat completion: 5"),
    "a stream": (
        b'data: {"choices": []}\n\n',
        "text/event-stream",
        "transient: the answer is not JSON: 'data",
    ),
    "not UTF-8": (b'{"choices": "\xff"}', "application/json", "transient: the answer is not JSON"),
    "no charset": (b'{"choices": []}', "application/json; charset=nope", "transient: not a chat completion"),
}


@BOTH
@pytest.mark.parametrize("page", PAGES)
def test_a_page_in_place_of_a_completion_is_one_bad_row(page: str, is_hosted: bool, tmp_path: Path) -> None:
    body, kind, words = PAGES[page]
    answer = for_seed(2, lambda: web.Response(body=body, headers={"Content-Type": kind}))
    rows, _ = run(answer, tmp_path, is_hosted, count=5)
    assert [row.error is None for row in rows] == [True, True, False, True, True]
    assert str(rows[2].error).startswith(words)


@BOTH
@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize("length_known", [True, False])
def test_a_body_without_end_is_one_bad_row(
    length_known: bool, status: int, is_hosted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (http_pool, hosted, completions):
        monkeypatch.setattr(module, "MOST_BYTES", 1 << 20)

    async def answer(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        if body["seed"] != 2:
            return completion("4" * 500_000)
        response = web.StreamResponse(status=status)
        if length_known:
            response.content_length = 4 << 20
        await response.prepare(request)
        for _ in range(4):
            await response.write(b" " * (1 << 20))
        return response

    rows, server = run(answer, tmp_path, is_hosted, count=5)
    assert rows[2].error == "permanent: the answer is longer than 1 MiB"
    assert [len(row.text or "") for row in rows if row.error is None] == [500_000] * 4
    assert len(server.bodies) == 5


@BOTH
def test_a_small_body_that_unpacks_to_a_large_one_is_one_bad_row(
    is_hosted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (http_pool, hosted, completions):
        monkeypatch.setattr(module, "MOST_BYTES", 1 << 20)
    packed = gzip.compress(b" " * (8 << 20))
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    rows, _ = run(
        for_seed(2, lambda: web.Response(body=packed, headers=headers)), tmp_path, is_hosted, count=5
    )
    assert [row.error is None for row in rows] == [True, True, False, True, True]
    # The local client never asks for gzip, and reads what comes as it comes.
    said = "permanent: the answer is longer" if is_hosted else "transient: the answer is not JSON"
    assert str(rows[2].error).startswith(said)


@BOTH
def test_what_says_it_is_packed_and_is_not_is_one_row(is_hosted: bool, tmp_path: Path) -> None:
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    answer = for_seed(2, lambda: web.Response(body=b"<html>", headers=headers))
    rows, _ = run(answer, tmp_path, is_hosted, count=5)
    assert [row.error is None for row in rows] == [True, True, False, True, True]
    assert str(rows[2].error).startswith("transient: the answer ")


@BOTH
def test_the_time_of_a_request_ends_with_its_last_byte(is_hosted: bool, tmp_path: Path) -> None:
    async def drip(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(600):
            await response.write(b" ")
            await asyncio.sleep(0.05)
        return response

    rows, _ = run(drip, tmp_path, is_hosted, count=2, max_attempts=1, request_timeout=0.4)
    assert [row.error for row in rows] == ["transient: no answer within 0.4 s"] * 2
