"""Jobs against servers that refuse or are not there, with both clients: rows, or one named end."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from snakeval.answers.finish import withheld
from snakeval.asking import ask as asking
from snakeval.asking import clients, hosted
from snakeval.asking.ask import Limits
from snakeval.asking.endpoints import ServerGone
from snakeval.asking.failures import RequestFailed
from snakeval.asking.request import Request
from snakeval.asking.rows import complete
from snakeval.types import Json
from unit.asking.fake_server import FakeServer, completion
from unit.asking.jobs import BOTH, for_seed, run
from unit.asking.test_ask import FixedHandle, free_port, requests

# xAI's answer to a prompt that its check refuses (inspect_ai#2267), and what others say.
XAI = {"code": "The caller does not have permission", "error": "Content violates usage guidelines. Team: x"}


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "FIRST_PAUSE", 0.01)


# Status, body, the row's error (its start), whether it is the work of a filter.
ONE_REFUSED: list[tuple[int, Any, str, bool]] = [
    (403, XAI, "permanent: HTTP 403: Content violates usage guidelines", True),
    (403, {"error": {"message": "Your input was flagged"}}, "permanent: HTTP 403: Your input was", True),
    (403, {"error": {"message": "no"}}, "permanent: HTTP 403: no", False),
    (400, {"error": {"code": "content_filter", "message": "no"}}, "permanent: HTTP 400: no", True),  # Azure
    (400, {"error": {"message": "Content Exists Risk"}}, "permanent: HTTP 400: Content Exists", True),
    (400, {"error": {"code": "data_inspection_failed", "message": "no"}}, "permanent: HTTP 400: no", True),
    (400, {"error": {"message": "Output blocked by content filtering policy"}}, "permanent: HTTP 400", True),
    (
        400,
        {"error": {"message": "no", "type": "content_filter"}},
        "permanent: HTTP 400: no",
        True,
    ),
    (403, [{"error": {"status": "PROHIBITED_CONTENT", "message": "no"}}], "permanent: HTTP 403: no", True),
    (400, {"error": {"message": "prompt too long"}}, "permanent: HTTP 400: prompt too long", False),
    (422, {"detail": "no"}, 'permanent: HTTP 422: {"detail": "no"}', False),
    (500, {"error": {"message": "content_filter crashed"}}, "transient: HTTP 500: content_filter", False),
]


@BOTH
@pytest.mark.parametrize("first", [True, False], ids=["the first", "a later one"])
@pytest.mark.parametrize(("status", "body", "words", "filtered"), ONE_REFUSED)
def test_one_refused_prompt_is_one_failed_sample(
    status: int, body: Any, words: str, filtered: bool, first: bool, is_hosted: bool, tmp_path: Path
) -> None:
    at = 0 if first else 12
    answer = for_seed(at, lambda: web.json_response(body, status=status))
    rows, _ = run(answer, tmp_path, is_hosted, concurrency=1 if first else 4)
    (failed,) = [row for row in rows if row.error is not None]
    assert failed.seed == at
    assert str(failed.error).startswith(words)
    assert withheld(failed.finish_reason, failed.error) == filtered


@BOTH
@pytest.mark.parametrize("status", [400, 403, 413, 422])
def test_what_was_refused_before_is_asked_once_more_and_is_not_every_request(
    status: int, is_hosted: bool, tmp_path: Path
) -> None:
    broken, asked = {"now": True}, []

    async def answer(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        asked.append(body["seed"])
        refused = broken["now"] and body["seed"] % 4 == 1
        return web.json_response({"error": "no"}, status=status) if refused else completion()

    for expected in (5, 5, 0):
        asked.clear()
        broken["now"] = bool(expected)
        rows, _ = run(answer, tmp_path, is_hosted)
        assert sum(row.error is not None for row in rows) == expected
        assert len(asked) in (20, 5), "each is asked once a run"
    assert sorted(asked) == [1, 5, 9, 13, 17]


@BOTH
@pytest.mark.parametrize(
    ("status", "count", "concurrency"), [(401, 1, 1), (404, 1, 1), (401, 9, 1), (403, 9, 1), (403, 2, 8)]
)
def test_a_server_that_refuses_every_request_ends_the_job(
    status: int, count: int, concurrency: int, is_hosted: bool, tmp_path: Path
) -> None:
    async def refuse(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        return web.json_response({"error": {"message": "no such key"}}, status=status)

    with pytest.raises(ServerGone, match=f"refuses every request: HTTP {status}: no such key"):
        run(refuse, tmp_path, is_hosted, count=count, concurrency=concurrency)


@BOTH
def test_a_prompt_that_alone_is_asked_and_refused_is_a_row(is_hosted: bool, tmp_path: Path) -> None:
    answer = for_seed(0, lambda: web.json_response(XAI, status=403))
    (row,), server = run(answer, tmp_path, is_hosted, count=1)
    assert row.error is not None
    assert len(server.bodies) == 1


@BOTH
def test_a_key_that_is_refused_for_a_while_costs_no_row(is_hosted: bool, tmp_path: Path) -> None:
    async def answer(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        return web.Response(status=401) if number in (6, 7) else completion()

    rows, _ = run(answer, tmp_path, is_hosted)
    assert [row.error for row in rows] == [None] * 20


QUOTA = [
    (429, {"error": {"code": "insufficient_quota", "type": "insufficient_quota", "message": "no quota"}}),
    (429, {"error": {"code": None, "type": "insufficient_quota", "message": "no quota"}}),
    (403, {"error": {"code": "billing_not_active", "message": "no quota"}}),
    (402, {"error": {"message": "Insufficient Balance: no quota"}}),
    (400, {"error": {"message": "Your credit balance is too low: no quota"}}),
    (200, {"error": {"code": "insufficient_quota", "message": "no quota"}}),
]


@BOTH
@pytest.mark.parametrize(("status", "body"), QUOTA)
def test_spent_money_ends_the_job_at_once(status: int, body: Json, is_hosted: bool, tmp_path: Path) -> None:
    async def answer(request: web.Request, asked: dict[str, Any], number: int) -> web.StreamResponse:
        return web.json_response(body, status=status) if number >= 3 else completion()

    with FakeServer(answer).running() as server:
        limits = Limits(concurrency=1, hosted=is_hosted)
        with pytest.raises(ServerGone, match=r"refuses every request.*no quota"):
            complete(requests(20), tmp_path, FixedHandle(server.base_url), limits)
        assert len(server.bodies) == 4


@BOTH
def test_a_rate_limit_is_no_spent_quota(is_hosted: bool, tmp_path: Path) -> None:
    body = {"error": {"code": "rate_limit_exceeded", "message": "You exceeded your current quota"}}

    async def answer(request: web.Request, asked: dict[str, Any], number: int) -> web.StreamResponse:
        return web.json_response(body, status=429) if number == 0 else completion()

    rows, _ = run(answer, tmp_path, is_hosted, count=3)
    assert [row.error for row in rows] == [None] * 3


@BOTH
@pytest.mark.parametrize("count", [1, 80])
def test_a_server_that_is_not_there_ends_the_job_with_its_address(
    count: int, is_hosted: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"http://127.0.0.1:{free_port()}/v1"
    limits = Limits(max_attempts=3, hosted=is_hosted, concurrency=8)
    with pytest.raises(ServerGone, match=rf"{url}: nothing was ever answered: connection: connection failed"):
        complete(requests(count), tmp_path, FixedHandle(url), limits)
    told = [entry.getMessage() for entry in caplog.records if entry.name == "snakeval.asking.heard"]
    assert len(told) == 1
    assert told[0].startswith(f"{url}: connection failed")


@BOTH
def test_a_refused_connection_was_not_billed(is_hosted: bool) -> None:
    async def ask() -> None:
        kind = hosted.HostedClient if is_hosted else clients.LocalClient
        async with kind(5.0) as client:
            await client.complete(f"http://127.0.0.1:{free_port()}/v1", "k", {"model": "m", "messages": []})

    with pytest.raises(RequestFailed) as caught:
        asyncio.run(ask())
    assert (caught.value.kind, caught.value.billed, caught.value.heard) == ("connection", False, False)


# A request's parameters, and what of them is sent.
BODIES: list[tuple[Json, Json]] = [
    ({"max_tokens": 5}, {"max_tokens": 5}),
    ({"max_tokens": 5, "max_completion_tokens": 7}, {"max_completion_tokens": 7}),
    ({"max_tokens": 5, "max_completion_tokens": None}, {"max_tokens": 5}),
    ({"max_tokens": None, "max_completion_tokens": 7}, {"max_completion_tokens": 7}),
    ({"max_tokens": None}, {}),
    ({"max_tokens": None, "max_completion_tokens": None}, {}),
    ({"top_k": None, "temperature": 0.0, "stop": []}, {"temperature": 0.0, "stop": []}),
    ({"seed": None}, {}),
]


@BOTH
@pytest.mark.parametrize(("body", "expected"), BODIES)
def test_one_rule_says_what_is_sent(body: Json, expected: Json, is_hosted: bool, tmp_path: Path) -> None:
    async def good(request: web.Request, asked: dict[str, Any], number: int) -> web.StreamResponse:
        return completion()

    message = {"role": "user", "content": "?"}
    with FakeServer(good).running() as server:
        asked = [Request("p", 0, "a" * 32, (message,), 3, body)]  # type: ignore[arg-type]
        complete(asked, tmp_path, FixedHandle(server.base_url), Limits(hosted=is_hosted))
    (found,) = server.bodies
    assert {
        key: value for key, value in found.items() if key not in ("model", "messages", "seed")
    } == expected
    assert found.get("seed") == (None if "seed" in body else 3)


@BOTH
def test_a_slow_answer_is_no_silence(
    is_hosted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "SILENT_SECONDS", 0.3)

    async def slow(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        await asyncio.sleep(0.6 if number == 0 else 1.2)
        if number == 0:
            assert request.transport is not None
            request.transport.abort()
        return completion()

    rows, server = run(slow, tmp_path, is_hosted, count=2)
    assert [row.error for row in rows] == [None, None]
    assert len(server.bodies) == 3
