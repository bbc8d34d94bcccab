"""Jobs against servers that refuse, drip, lie or are not there, with both clients: rows, or one named end."""

from __future__ import annotations

import asyncio
import gzip
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from snakeval.answers.finish import withheld
from snakeval.asking import ask as asking
from snakeval.asking import clients, completions, hosted, http_pool
from snakeval.asking.ask import Limits
from snakeval.asking.endpoints import ServerGone
from snakeval.asking.failures import RequestFailed
from snakeval.asking.request import Request
from snakeval.asking.rows import complete, rows_of
from snakeval.asking.who import same
from snakeval.system.tables import write_rows
from snakeval.types import Generation, Json
from unit.asking.fake_server import Answer, FakeServer, completion
from unit.asking.replies import reply
from unit.asking.test_ask import FixedHandle, free_port, requests

BOTH = pytest.mark.parametrize("is_hosted", [False, True], ids=["local", "hosted"])
# xAI's answer to a prompt that its check refuses (inspect_ai#2267), and what others say.
XAI = {"code": "The caller does not have permission", "error": "Content violates usage guidelines. Team: x"}


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "FIRST_PAUSE", 0.01)


def run(
    answer: Answer,
    journal: Path,
    is_hosted: bool,
    count: int = 20,
    models: list[str] | None = None,
    **how: Any,
) -> tuple[list[Generation], FakeServer]:
    limits = Limits(**{"concurrency": 4, "hosted": is_hosted, "max_attempts": 3, **how})
    with FakeServer(answer, models).running() as server:
        asked = requests(count)
        index = complete(asked, journal, FixedHandle(server.base_url), limits)
        rows = list(rows_of(asked, index))
        assert write_rows(journal / "x.parquet", Generation, rows) == count
        return rows, server


def for_seed(seed: int, make: Callable[[], web.Response]) -> Answer:
    """A server that answers one prompt in its own way and all others well."""

    async def answer(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        return make() if body["seed"] == seed else completion()

    return answer


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
