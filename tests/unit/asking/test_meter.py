"""The shared file of rate limits and budgets: pacing, reservations of the dead, damage."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path

import pytest

from snakeval.asking.meter import SILENT_SECONDS, BudgetReached, Meter, Ticket
from snakeval.asking.spending import Usage
from snakeval.types import Message
from unit.judging.hosted_judge import project

JOURNALS = Path("results/.journal")
ASKED: tuple[Message, ...] = ({"role": "user", "content": "x" * 300},)
PRICE = "price: {input: 1000, output: 1000}\n"


def meter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, judge: str) -> Meter:
    return Meter(project(tmp_path, "http://h/v1", monkeypatch, judge), "pairs", JOURNALS)


def admitted(meter: Meter, bound: int = 100) -> Ticket:
    ticket = meter.admit(ASKED, bound)
    assert ticket is not None
    return ticket


def state(tmp_path: Path) -> dict[str, float]:
    found: dict[str, float] = json.loads((tmp_path / JOURNALS / "meter.json").read_text())["pairs"]
    return found


def test_no_minute_holds_more_requests_than_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paced = meter(tmp_path, monkeypatch, "rate_limits: {requests_per_minute: 7}\n")
    starts = [admitted(paced).start for _ in range(30)]
    for first in starts:
        assert sum(first <= start < first + 59.999 for start in starts) <= 7  # clocks round
    assert starts[-1] - starts[0] == pytest.approx(29 * 60 / 7)


def test_no_minute_holds_more_tokens_than_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """200 tokens each, 100 of prompt and 100 of answer, in different sizes of the answer's bound."""
    paced = meter(tmp_path, monkeypatch, "rate_limits: {tokens_per_minute: 1000}\n")
    tickets = [admitted(paced, bound=300 if i % 3 else 50) for i in range(40)]
    for first in tickets:
        within = [t.tokens for t in tickets if first.start <= t.start < first.start + 60]
        assert sum(within) <= 1000


def test_tokens_that_were_not_used_are_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paced = meter(tmp_path, monkeypatch, "rate_limits: {tokens_per_minute: 1000}\n")
    ticket = admitted(paced, bound=400)
    paced.settle(ticket, Usage(1, 40, 0, 10))
    assert admitted(paced).start - ticket.start == pytest.approx(60 * 50 / 500)


def test_reservations_of_the_dead_are_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now, host = time.time(), socket.gethostname()
    holders = {
        f"{host}:999999999:1": {"amount": 1.0, "seen": now},  # no such process
        "elsewhere:1:1": {"amount": 2.0, "seen": now - 60},  # on another machine, heard of lately
        "elsewhere:2:1": {"amount": 4.0, "seen": now - SILENT_SECONDS - 1},
    }
    entry = {"spent": 0.5, "lost": 0.0, "holders": holders, "next_request": 0.0, "next_tokens": 0.0}
    entry |= {"known": True, "unforeseen": 0.0}
    (tmp_path / JOURNALS).mkdir(parents=True)
    (tmp_path / JOURNALS / "meter.json").write_text(json.dumps({"pairs": entry}))
    paid = meter(tmp_path, monkeypatch, f"{PRICE}budget: 6\n")
    assert state(tmp_path) == {**entry, "lost": 5.0, "holders": {"elsewhere:1:1": holders["elsewhere:1:1"]}}
    assert paid.admit(ASKED, 100) is None  # 0.5 + 5 + 0.42 would do, but the other job holds 2


def test_two_jobs_keep_one_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = meter(tmp_path, monkeypatch, f"{PRICE}budget: 1\n")
    second = meter(tmp_path, monkeypatch, f"{PRICE}budget: 1\n")
    probe = admitted(first)
    assert second.admit(ASKED, 100) is None  # the first of all goes alone
    first.settle(probe, Usage(1, 0, 0, 0))
    tickets = [admitted(first), admitted(second)]
    assert {ticket.amount for ticket in tickets} == {0.416}
    assert second.admit(ASKED, 100) is None
    first.settle(tickets[0], Usage(1, 100, 0, 300))
    assert first.admit(ASKED, 100) is None
    second.settle(tickets[1], None, billed=True)
    with pytest.raises(BudgetReached, match=r"spent 0\.8160 of its budget of 1 USD.*may cost 0\.4160"):
        first.admit(ASKED, 100)


def test_tokens_that_could_not_be_foreseen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An API that adds 1,000 tokens to each prompt costs 1 more than was reserved, once."""
    paid = meter(tmp_path, monkeypatch, f"{PRICE}budget: 4\n")
    first = admitted(paid)
    assert first.amount == pytest.approx(0.416)
    paid.settle(first, Usage(1, 1316, 0, 100))
    second = admitted(paid)
    assert second.amount == pytest.approx(1.416)
    paid.settle(second, Usage(1, 1316, 0, 100))
    with pytest.raises(BudgetReached, match=r"spent 2\.8320 .* may cost 1\.4160"):
        paid.admit(ASKED, 100)


def test_a_job_that_dies_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paid = meter(tmp_path, monkeypatch, f"{PRICE}budget: 1\n")
    paid.settle(admitted(paid), Usage(1, 10, 0, 10))
    path = tmp_path / JOURNALS / "meter.json"
    found = json.loads(path.read_text())
    found["pairs"]["holders"][f"{socket.gethostname()}:999999999:1"] = {"amount": 0.9, "seen": time.time()}
    path.write_text(json.dumps(found))
    with pytest.raises(BudgetReached, match=r"spent 0\.9200"):  # of which 0.9 is lost
        paid.admit(ASKED, 100)


def test_a_damaged_file_starts_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / JOURNALS).mkdir(parents=True)
    (tmp_path / JOURNALS / "meter.json").write_text('{"pairs": {"spe')
    paid = meter(tmp_path, monkeypatch, PRICE)
    paid.settle(admitted(paid), Usage(1, 100, 0, 300))
    assert state(tmp_path)["spent"] == pytest.approx(0.4)
