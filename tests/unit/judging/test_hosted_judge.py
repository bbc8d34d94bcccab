"""A hosted judge against a fake API: what is sent, what it costs, when it stops, how fast it may go."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from snakeval.asking import ask as asking
from snakeval.asking.meter import BudgetReached
from snakeval.asking.spending import Usage, bills, journal_usage, write_usage
from snakeval.judging.verdicts import extract_label
from unit.asking.fake_server import FakeServer
from unit.judging.hosted_judge import JOURNAL, KEY, bench, project, questions

PRICE = "price: {input: 1000, output: 2000, cached_input: 100}\n"
# Of each answer: 40 tokens of prompt, 30 of them cached, 50 of answer, 10 that only the total shows.
USAGE = {
    "prompt_tokens": 40,
    "completion_tokens": 50,
    "total_tokens": 100,
    "prompt_tokens_details": {"cached_tokens": 30},
}
COST = (10 * 1000 + 30 * 100 + 60 * 2000) / 1e6
# 20 bytes of prompt, 16 tokens for the message, 100 of answer: more than any request will cost.
WORST = (36 * 1000 + 100 * 2000) / 1e6


def completion(text: str = "[[A>B]]") -> web.Response:
    """An answer with the usage above."""
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    return web.json_response(
        {"choices": [choice], "usage": USAGE, "model": "gpt-9", "object": "x", "id": "y"}
    )


async def verdict(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
    return completion()


def meter_state() -> dict[str, Any]:
    state: dict[str, Any] = json.loads(Path("results/.journal/meter.json").read_text())["pairs"]
    return state


def test_what_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = "reasoning_effort: low\nextra_body: {max_completion_tokens: 70, seed: null, top_k: 3}\n"
    with FakeServer(verdict).running() as server:
        config = project(tmp_path, server.base_url, monkeypatch, own)
        (answer,) = bench(config).ask(questions(1), extract_label).values()
    assert (answer.label, answer.error) == ("A>B", None)
    (body,) = server.bodies
    assert body == {
        "model": "gpt-9",
        "messages": [{"role": "user", "content": "0" * 20}],
        "temperature": 0,
        "reasoning_effort": "low",
        "max_completion_tokens": 70,
        "top_k": 3,
    }
    assert server.keys == [f"Bearer {KEY}"]
    assert not [path for path in Path("results").rglob("*") if path.is_file() and KEY in path.read_text()]


@pytest.mark.parametrize(
    ("reason", "label", "times"),
    [
        ("content_filter", None, 3),
        ("SAFETY", None, 3),
        ("refusal", None, 3),
        ("stop", "A>B", 1),
        ("COMPLETE", "A>B", 1),
    ],
)
def test_a_filtered_reply_of_a_judge_is_no_verdict(
    reason: str, label: str | None, times: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answer(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        message = {"role": "assistant", "content": "[[A>B]]"}
        return web.json_response({"choices": [{"finish_reason": reason, "message": message}], "usage": USAGE})

    with FakeServer(answer).running() as server:
        config = project(tmp_path, server.base_url, monkeypatch, "max_attempts: 3\n")
        (found,) = bench(config).ask(questions(1), extract_label).values()
    assert (found.label, found.text, found.error) == (label, "[[A>B]]", None)
    assert len(server.bodies) == times


def test_a_question_that_a_filter_refuses_has_no_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answer(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        if body["messages"][0]["content"].endswith("1"):
            return web.json_response({"error": {"code": "content_filter", "message": "no"}}, status=400)
        return completion()

    with FakeServer(answer).running() as server:
        config = project(tmp_path, server.base_url, monkeypatch, "max_attempts: 2\n")
        first, second = bench(config).ask(questions(2), extract_label).values()
    assert (first.label, first.error) == ("A>B", None)
    assert (second.label, second.error) == (None, None)
    assert second.text == "permanent: HTTP 400: no (refused by a filter)"


def test_cost_from_the_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeServer(verdict).running() as server:
        config = project(tmp_path, server.base_url, monkeypatch, f"{PRICE}budget: 100\n")
        bench(config).ask(questions(3), extract_label)
        assert meter_state()["spent"] == pytest.approx(3 * COST)
        Path("results/.journal/meter.json").unlink()  # forgotten, but for the journal
        bench(config).ask(questions(5), extract_label)
    assert len(server.bodies) == 5
    assert meter_state() == {**meter_state(), "spent": pytest.approx(5 * COST), "lost": 0.0, "holders": {}}
    write_usage(config, "pairs", JOURNAL, Path("usage.json"))
    (found,) = bills([Path("usage.json")], {"pairs": config.judges["pairs"].price})
    assert (found.judge, found.usage, found.currency) == ("pairs", Usage(5, 200, 150, 300), "USD")
    assert found.cost == pytest.approx(5 * COST)


def test_unreadable_verdicts_cost_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def vague(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        return completion("Both are good.")

    with FakeServer(vague).running() as server:
        config = project(tmp_path, server.base_url, monkeypatch, PRICE)
        (answer,) = bench(config).ask(questions(1), extract_label).values()
    assert (answer.label, answer.text, answer.error) == (None, "Both are good.", None)
    assert [body["temperature"] for body in server.bodies] == [0, 0.7, 0.7]
    assert journal_usage(JOURNAL).requests == 3


def test_a_budget_stops_before_it_is_passed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    budget = 5 * COST + WORST - 0.001  # not quite enough for the sixth at its worst
    with FakeServer(verdict).running() as server:
        config = project(tmp_path, server.base_url, monkeypatch, f"{PRICE}budget: {budget}\n")
        with pytest.raises(BudgetReached, match=r"judge 'pairs' has spent 0\.6650 of its budget of .* USD"):
            bench(config).ask(questions(20), extract_label)
        assert len(server.bodies) == 5
        assert journal_usage(JOURNAL).requests == 5
        assert meter_state()["spent"] == pytest.approx(5 * COST)
        with pytest.raises(BudgetReached):  # nothing more to spend in a second run, another journal or not
            bench(config, JOURNAL.with_name("other")).ask(questions(20), extract_label)
        assert len(server.bodies) == 5
        config = project(tmp_path, server.base_url, monkeypatch, f"{PRICE}budget: 100\n")
        answers = bench(config).ask(questions(20), extract_label)
    assert len(server.bodies) == 20  # the five that were paid for are not asked again
    assert all(answer.label == "A>B" for answer in answers.values())


def test_the_runs_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeServer(verdict).running() as server:
        config = project(tmp_path, server.base_url, monkeypatch, PRICE, budget=2 * COST + WORST - 0.001)
        with pytest.raises(BudgetReached, match="the run has spent"):
            bench(config).ask(questions(9), extract_label)
    assert len(server.bodies) == 2


def test_the_worst_case_of_all_in_flight_is_reserved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two fit a budget at their worst, so a third waits for what the first two really cost."""
    at_once, most, second = 0, 0, asyncio.Event()

    async def slow(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        if number == 1:  # until there is another beside it, however slow the machine
            await asyncio.wait_for(second.wait(), 60)
        if number > 1:
            second.set()
        await asyncio.sleep(0.05)
        at_once -= 1
        return completion()

    with FakeServer(slow).running() as server:
        config = project(tmp_path, server.base_url, monkeypatch, f"{PRICE}budget: {2 * WORST + COST}\n")
        with pytest.raises(BudgetReached):
            bench(config).ask(questions(30), extract_label)
    assert most == 2
    assert len(server.bodies) * COST <= 2 * WORST + COST


def test_a_time_out_may_have_been_billed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent_once(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        if number == 0:
            await asyncio.sleep(5)
        return completion()

    monkeypatch.setattr(asking, "FIRST_PAUSE", 0.01)
    with FakeServer(silent_once).running() as server:
        config = project(tmp_path, server.base_url, monkeypatch, PRICE)
        slug = config.judge_slug["pairs"]
        config.served[slug] = config.served[slug].model_copy(update={"request_timeout": 0.3})
        bench(config).ask(questions(1), extract_label)
    state = meter_state()
    assert (state["spent"], state["lost"]) == (pytest.approx(COST), pytest.approx(WORST))


def test_requests_per_minute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    times: list[float] = []

    async def timed(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        times.append(time.monotonic())
        return completion()

    limits = "rate_limits: {requests_per_minute: 600}\n"
    with FakeServer(timed).running() as server:
        began = time.monotonic()
        config = project(tmp_path, server.base_url, monkeypatch, limits)
        bench(config).ask(questions(8), extract_label)
        bench(config, JOURNAL.with_name("other")).ask(questions(3, start=8), extract_label)  # the next job
    assert len(times) == 11
    # None came before its tenth of a second; how much later depends on the machine.
    assert all(came - began > 0.1 * number - 0.01 for number, came in enumerate(times))


@pytest.mark.parametrize("header", [lambda: "1", lambda: web_date(time.time() + 2)], ids=["seconds", "date"])
def test_retry_after_holds_back_all(
    header: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times: list[float] = []

    async def refusing(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        times.append(time.monotonic())
        if number == 0:
            return web.json_response(
                {"error": {"message": "slow down"}}, status=429, headers={"Retry-After": header()}
            )
        return completion()

    monkeypatch.setattr(asking, "FIRST_PAUSE", 0.01)
    limits = "rate_limits: {requests_per_minute: 1200}\n"
    with FakeServer(refusing).running() as server:
        config = project(tmp_path, server.base_url, monkeypatch, limits)
        answers = bench(config).ask(questions(4), extract_label)
    assert all(answer.label for answer in answers.values())
    assert len(times) == 5
    assert times[-1] - times[0] >= 0.95


def web_date(seconds: float) -> str:
    """A time as HTTP writes it."""
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(seconds))
