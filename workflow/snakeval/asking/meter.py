"""Rate limits and budgets of judges, kept by all jobs of a run together.

One small file below the journals, locked for each change, holds what all jobs must agree on: when the next
request may start, what has been spent, what requests in flight may cost at worst. Before a request starts
its worst case is reserved; when it has ended, what it did cost takes the reservation's place. So a budget
is never passed, whatever is in flight when it is nearly spent.

An API may add tokens of its own to each prompt. The first request of a judge with a budget goes alone, and
what it cost beyond its worst case is reserved for each later one as well.

What has been spent is what the journals say (`asking.spending`): where there is a budget, each job counts
their rows when it starts, so nothing is forgotten should the file be lost. What a killed job had in flight
may have been billed and is in no journal; its reservation stays as `lost`. Who corrects a price deletes the
file. A library such as aiolimiter paces the tasks of one process, where these are several.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from snakeval.asking.spending import Usage, journal_usage, journals_of
from snakeval.config import Config
from snakeval.schema import Judge
from snakeval.system import processes
from snakeval.types import Json, Message

log = logging.getLogger(__name__)
FILE = "meter.json"
MINUTE = 60.0
# A job on another machine that was not heard of for so long is taken for dead: longer than a request.
SILENT_SECONDS = 3 * 3600.0
# No tokenizer makes more tokens of a text than it has bytes; a chat template adds a few a message.
TOKENS_PER_MESSAGE = 16
# English has four characters a token; for rate limits, where an estimate too high only costs time.
BYTES_PER_TOKEN = 3


class BudgetReached(RuntimeError):
    """What is left of a budget does not pay for one more request; finished verdicts are kept."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request that may start at `start` (seconds since the epoch); what is reserved for it."""

    start: float
    amount: float
    tokens: float


class Meter:
    """One job's view of the shared file, for one judge. `bound` is the longest answer in tokens."""

    def __init__(self, config: Config, judge: str, journals: Path) -> None:
        self._name = judge
        self._judges: Mapping[str, Judge] = config.judges
        self._judge = config.judges[judge]
        self._run_budget = config.settings.budget
        self._path = journals / FILE
        own = processes.process(os.getpid())
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{own.start if own else 0}"
        counted = {
            name: sum(map(journal_usage, journals_of(config, name, journals)), Usage()).cost(each.price)
            for name, each in config.judges.items()
            if each.price is not None and (each.budget or self._run_budget)
        }
        with self._state() as state:
            for name, spent in counted.items():
                entry = _entry(state, name)
                entry["spent"] = max(entry["spent"], spent)
                _bury(entry)

    def admit(self, messages: Sequence[Message], bound: int) -> Ticket | None:
        """Reserve a request; None while others' reservations must end first. Raises BudgetReached."""
        size = sum(len(message["content"].encode()) for message in messages)
        worst = Usage(1, size + TOKENS_PER_MESSAGE * len(messages), 0, bound)
        amount = worst.cost(self._judge.price) if self._judge.price else 0.0
        tokens = size / BYTES_PER_TOKEN + bound
        with self._state() as state:
            entry = _entry(state, self._name)
            amount += entry["unforeseen"]
            if amount and not self._fits(state, amount):
                return None
            start = max(time.time(), entry["next_request"], entry["next_tokens"])
            entry["next_request"] = start + self._pause()
            entry["next_tokens"] = start + self._accrual(tokens, tokens)
            self._hold(entry, amount)
        return Ticket(start, amount, tokens)

    def settle(self, ticket: Ticket, usage: Usage | None, billed: bool = True) -> None:
        """A request has ended: with its usage, or without one and, as far as known, billed or not."""
        with self._state() as state:
            entry = _entry(state, self._name)
            self._hold(entry, -ticket.amount)
            if usage is not None:
                cost = usage.cost(self._judge.price) if self._judge.price else 0.0
                entry["spent"] += cost
                entry["known"] = True
                entry["unforeseen"] += max(0.0, cost - ticket.amount)
                unused = max(0.0, ticket.tokens - usage.prompt - usage.completion)
                entry["next_tokens"] -= self._accrual(unused, ticket.tokens)
            elif billed:
                entry["lost"] += ticket.amount

    def pause(self, seconds: float) -> None:
        """No request of any job starts within so many seconds: the endpoint asked for it."""
        with self._state() as state:
            entry = _entry(state, self._name)
            entry["next_request"] = max(entry["next_request"], time.time() + seconds)

    def _fits(self, state: Json, amount: float) -> bool:
        """Whether the budgets allow a request; raises BudgetReached where nothing in flight may free them."""
        for budget, names, whose in (
            (self._judge.budget, [self._name], f"judge '{self._name}'"),
            (self._run_budget, list(self._judges), "the run"),
        ):
            if budget is None:
                continue
            entries = [_entry(state, name) for name in names]
            for entry in entries:
                _bury(entry)
            spent = sum(entry["spent"] + entry["lost"] for entry in entries)
            held = sum(hold["amount"] for entry in entries for hold in entry["holders"].values())
            # The first request goes alone: it tells whether the API adds tokens that cannot be foreseen.
            if spent + held + amount <= budget and (state[self._name]["known"] or not held):
                continue
            if held > 1e-12:
                return False
            unit = self._judge.price.currency if self._judge.price else ""
            raise BudgetReached(
                f"{whose} has spent {spent:.4f} of its budget of {budget:g} {unit}, and one more request may "
                f"cost {amount:.4f}: what was judged is kept; raise the budget and run again to go on"
            )
        return True

    def _hold(self, entry: Json, amount: float) -> None:
        held = entry["holders"].pop(self._holder, {"amount": 0.0})["amount"] + amount
        if held > 1e-12:
            entry["holders"][self._holder] = {"amount": held, "seen": time.time()}

    def _pause(self) -> float:
        limit = self._judge.rate_limits.requests_per_minute
        return MINUTE / limit if limit else 0.0

    def _accrual(self, tokens: float, largest: float) -> float:
        """Seconds in which so many tokens accrue, paced so that any minute stays below the limit.

        A minute holds what accrues in it and one request more, hence the limit less that request.
        """
        limit = self._judge.rate_limits.tokens_per_minute
        return MINUTE * tokens / max(limit - largest, limit / 2) if limit else 0.0

    @contextmanager
    def _state(self) -> Iterator[Json]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            state = _read(file.read())
            yield state
            file.seek(0)
            file.truncate()
            file.write(json.dumps(state, indent=1, sort_keys=True))


def _read(text: str) -> Json:
    try:
        state: Json = json.loads(text) if text else {}
    except ValueError:  # a machine died while this was written; the journals are what counts
        log.warning("%s was damaged and starts anew", FILE)
        state = {}
    return state


def _entry(state: Json, judge: str) -> Json:
    new = {"spent": 0.0, "lost": 0.0, "holders": {}, "next_request": 0.0, "next_tokens": 0.0}
    new |= {"known": False, "unforeseen": 0.0}
    entry: Json = state.setdefault(judge, new)
    return entry


def _bury(entry: Json) -> None:
    """Dead jobs' reservations are lost: what they were for may have been billed."""
    for holder, hold in list(entry["holders"].items()):
        if not _lives(holder, hold["seen"]):
            entry["lost"] += entry["holders"].pop(holder)["amount"]


def _lives(holder: str, seen: float) -> bool:
    host, pid, start = holder.rsplit(":", 2)
    if host == socket.gethostname():
        return processes.alive(int(pid), int(start))
    return time.time() - seen < SILENT_SECONDS
