"""The client against servers that fail: recovery or a named error, each within a bounded time."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from snakeval.asking import ask as asking
from snakeval.asking.ask import Limits
from snakeval.asking.endpoints import Endpoint, ServerGone
from snakeval.asking.request import Request
from snakeval.asking.rows import complete, rows_of
from snakeval.system.interrupts import Interrupted
from snakeval.types import Generation, Message
from unit.asking.fake_server import Answer, FakeServer, completion

KEY = "sk-secret-of-the-test"


class FixedHandle:
    """An endpoint that is there from the start."""

    managed = False

    def __init__(self, *base_urls: str) -> None:
        self.endpoint = Endpoint(base_urls, "the-model", KEY)
        self.demands = 0

    def demand(self) -> None:
        self.demands += 1

    async def wait_ready(self, timeout: float) -> Endpoint:
        return self.endpoint

    def gone(self) -> str | None:
        return None


def requests(count: int) -> list[Request]:
    message: Message = {"role": "user", "content": "2 + 2?"}
    return [Request(f"p{i}", 0, f"{i:032x}", (message,), i, {"temperature": 0.5}) for i in range(count)]


def run(
    answer: Answer, journal: Path, count: int = 1, limits: Limits | None = None
) -> tuple[list[Generation], FakeServer]:
    with FakeServer(answer).running() as server:
        asked = requests(count)
        index = complete(asked, journal, FixedHandle(server.base_url), limits or Limits(concurrency=8))
        return list(rows_of(asked, index)), server


async def good(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
    return completion()


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "FIRST_PAUSE", 0.01)


def test_samples_come_back_as_rows(tmp_path: Path) -> None:
    rows, server = run(good, tmp_path, count=20)
    assert [row.problem_id for row in rows] == [f"p{i}" for i in range(20)]
    assert {(row.text, row.finish_reason, row.error) for row in rows} == {("4", "stop", None)}
    assert {body["model"] for body in server.bodies} == {"the-model"}
    assert sorted(body["seed"] for body in server.bodies) == list(range(20))
    assert set(server.keys) == {f"Bearer {KEY}"}
    assert {body["temperature"] for body in server.bodies} == {0.5}


def test_only_missing_rows_are_asked_for_and_no_server_is_demanded_for_none(tmp_path: Path) -> None:
    run(good, tmp_path, count=4)
    rows, server = run(good, tmp_path, count=10)
    assert len(rows) == 10
    assert sorted(body["seed"] for body in server.bodies) == list(range(4, 10))
    handle = FixedHandle("http://127.0.0.1:9/v1")
    complete(requests(10), tmp_path, handle, Limits())
    assert handle.demands == 0


def failing_first(*answers: web.Response) -> Answer:
    async def answer(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        return answers[number] if number < len(answers) else completion()

    return answer


RECOVERED = {
    "500": lambda: web.Response(status=500, text="oops"),
    "503": lambda: web.Response(status=503, text=""),
    "garbage": lambda: web.Response(text="{not json"),
    "empty body": lambda: web.Response(text=""),
    "no choices": lambda: web.json_response({"choices": []}),
    "no message": lambda: web.json_response({"choices": [{"finish_reason": "stop"}]}),
    "a list": lambda: web.json_response([1]),
    "abort": lambda: completion("cut off", "abort"),
}


@pytest.mark.parametrize("fault", RECOVERED)
def test_a_passing_fault_is_asked_again(fault: str, tmp_path: Path) -> None:
    rows, server = run(failing_first(RECOVERED[fault](), RECOVERED[fault]()), tmp_path)
    assert rows[0].text == "4"
    assert rows[0].error is None
    assert len(server.bodies) == 3


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("500", "transient: HTTP 500: oops"),
        ("503", "transient: HTTP 503: empty body"),
        ("garbage", "transient: the answer is not JSON: '{not json'"),
        ("no choices", "transient: not a chat completion"),
        ("abort", "connection: the server aborted the request"),
    ],
)
def test_a_lasting_fault_becomes_a_row_with_its_cause(fault: str, words: str, tmp_path: Path) -> None:
    answers = [RECOVERED[fault]() for _ in range(3)]
    rows, server = run(failing_first(*answers), tmp_path, limits=Limits(max_attempts=3))
    assert rows[0].text is None
    assert rows[0].error is not None
    assert rows[0].error.startswith(words)
    assert len(server.bodies) == 3


def test_an_error_row_is_asked_again_by_the_next_run(tmp_path: Path) -> None:
    answers = [RECOVERED["500"]() for _ in range(2)]
    rows, _ = run(failing_first(*answers), tmp_path, limits=Limits(max_attempts=2))
    assert rows[0].error is not None
    rows, _ = run(good, tmp_path)
    assert (rows[0].text, rows[0].error) == ("4", None)


def test_retry_after_is_waited_for(tmp_path: Path) -> None:
    limit = web.Response(status=429, headers={"Retry-After": "1"}, text="slow down")
    started = time.monotonic()
    rows, server = run(failing_first(limit), tmp_path)
    assert rows[0].text == "4"
    assert len(server.bodies) == 2
    assert time.monotonic() - started >= 1.0


def test_a_refused_request_is_not_asked_again(tmp_path: Path) -> None:
    refusal = {"error": {"message": "prompt too long", "param": "input_tokens"}}
    answer = failing_first(web.json_response(refusal, status=400))
    rows, server = run(answer, tmp_path)
    assert rows[0].error == "permanent: HTTP 400: prompt too long"
    assert len(server.bodies) == 1


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refused_key_or_model_ends_the_job_and_does_not_show_the_key(status: int, tmp_path: Path) -> None:
    with pytest.raises(ServerGone, match=f"refuses every request: HTTP {status}") as caught:
        run(failing_first(*[web.Response(status=status) for _ in range(50)]), tmp_path, count=5)
    assert KEY not in str(caught.value)


def test_a_stalled_answer_is_a_named_error_in_bounded_time(tmp_path: Path) -> None:
    async def stall(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b'{"choices"')
        await asyncio.sleep(30)
        return response

    rows, _ = run(stall, tmp_path, limits=Limits(max_attempts=2, request_timeout=0.5))
    assert rows[0].error == "transient: no answer within 0.5 s"


def test_a_dropped_connection_is_asked_again(tmp_path: Path) -> None:
    async def drop(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        if number == 0:
            assert request.transport is not None
            request.transport.abort()
        return completion()

    rows, _ = run(drop, tmp_path)
    assert rows[0].text == "4"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_requests_of_a_dead_replica_move_to_the_others(tmp_path: Path) -> None:
    dead = f"http://127.0.0.1:{free_port()}/v1"
    with FakeServer(good).running() as server:
        asked = requests(30)
        index = complete(asked, tmp_path, FixedHandle(dead, server.base_url), Limits(concurrency=4))
        assert all(row.error is None for row in rows_of(asked, index))


def test_a_server_that_never_answers_is_gone_in_bounded_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "SILENT_SECONDS", 0.5)
    handle = FixedHandle(f"http://127.0.0.1:{free_port()}/v1")
    with pytest.raises(ServerGone, match="no answer from http://127"):
        complete(requests(3), tmp_path, handle, Limits(max_attempts=1000))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1])
def test_a_signal_keeps_what_is_done_and_ends_the_job(number: signal.Signals, tmp_path: Path) -> None:
    async def some(request: web.Request, body: dict[str, Any], count: int) -> web.StreamResponse:
        if count == 5:  # what was answered before is in the journal by then
            threading.Timer(1.0, os.kill, (os.getpid(), number)).start()
        if count >= 5:
            await asyncio.sleep(600)
        return completion()

    with pytest.raises(Interrupted, match=f"stopped by {number.name}: 5 of 10 samples"):
        run(some, tmp_path, count=10)
    _, server = run(good, tmp_path, count=10)
    assert len(server.bodies) == 5


def test_concurrency_is_kept_and_not_exceeded(tmp_path: Path) -> None:
    running: list[int] = [0]
    most: list[int] = [0]

    async def count(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        running[0] += 1
        most[0] = max(most[0], running[0])
        await asyncio.sleep(0.05)
        running[0] -= 1
        return completion()

    run(count, tmp_path, count=40, limits=Limits(concurrency=8))
    assert most[0] == 8


def test_the_key_is_in_no_file(tmp_path: Path) -> None:
    run(good, tmp_path, count=3)
    for path in tmp_path.rglob("*"):
        assert KEY not in path.read_text()


def _texts(rows: Sequence[Generation]) -> list[str | None]:
    return [row.text for row in rows]


def test_two_clients_on_one_output_share_its_rows(tmp_path: Path) -> None:
    with FakeServer(good).running() as server:
        asked = requests(200)

        def client() -> None:
            asking_loop(asked, tmp_path, server.base_url)

        threads = [threading.Thread(target=client) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        index = complete(asked, tmp_path, FixedHandle(server.base_url), Limits())
        rows = list(rows_of(asked, index))
    assert len(server.bodies) == 200, "a row was asked for by both"
    assert _texts(rows) == ["4"] * 200
    assert [row.problem_id for row in rows] == [request.problem_id for request in asked]


def asking_loop(asked: list[Request], journal: Path, base_url: str) -> None:
    """`complete` in another process, since signal handlers belong to a main thread."""
    child = os.fork()
    if child == 0:
        complete(asked, journal, FixedHandle(base_url), Limits(concurrency=16))
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0


def test_the_log_says_what_most_samples_failed_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def refuse(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        text = "too long" if body["seed"] else "too short"
        return web.json_response({"error": {"message": text}}, status=400)

    run(refuse, tmp_path, count=5)
    found = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert [message.partition(":")[0] for message in found] == ["4 times", "1 times"]
    assert "too long" in found[0]
