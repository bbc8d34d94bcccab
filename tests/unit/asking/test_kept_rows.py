"""From what a server sent to a table, by way of the journal: nothing that a table refuses, nothing lost."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest
from aiohttp import web

from snakeval.asking.ask import Limits, keep
from snakeval.asking.clients import Client, LocalClient
from snakeval.asking.completions import read_completion
from snakeval.asking.failures import RequestFailed
from snakeval.asking.hosted import HostedClient
from snakeval.asking.http_pool import Answer
from snakeval.asking.request import Request
from snakeval.asking.rows import complete, finished, rows_of
from snakeval.journal.index import JournalIndex, scan
from snakeval.journal.writer import JournalWriter
from snakeval.system.tables import read_rows, write_rows
from snakeval.types import Generation, Json
from unit.asking.fake_server import FakeServer
from unit.asking.replies import mutations, reply
from unit.asking.test_ask import FixedHandle, good, requests


@pytest.mark.parametrize(
    ("text", "written", "count"),
    [
        ("4 \ud83d", "4 \ufffd", 1),
        ("\udc00\ud800", "\ufffd\ufffd", 2),
        ("\ud83d\ude00", "\U0001f600", 0),  # a pair is a character
        ("\ufffd", "\ufffd", 0),
    ],
)
def test_lone_surrogates_are_replaced_counted_and_kept_in_the_journal(
    text: str, written: str, count: int, tmp_path: Path
) -> None:
    found = read_completion(json.dumps(reply(content=text)).encode())
    assert (found.text, found.replaced) == (written, count)
    request = Request("p", 0, "a" * 32, ({"role": "user", "content": "?"},), 1, {})
    with JournalWriter(tmp_path / "j") as journal:
        keep(journal, request.answered(found, 0.1), found.extras)
    (line,) = [path.read_bytes() for path in (tmp_path / "j").glob("*.jsonl")]
    (row,) = rows_of([request], scan(tmp_path / "j"))
    assert (row.text, row.replaced) == (written, count or None)
    kept = json.loads(line)["row"]
    assert kept.get("original", {}).get("text", kept["text"]) == json.loads(json.dumps(text))
    assert write_rows(tmp_path / "x.parquet", Generation, [row]) == 1


# What an earlier version journalled as samples, and what the table has of it.
POISON = [
    ({"text": "4 \ud83d"}, {"text": "4 \ufffd", "replaced": 1}),
    ({"prompt_tokens": 2**31}, {"prompt_tokens": None}),
    ({"completion_tokens": 1.5}, {"completion_tokens": None}),
    ({"completion_tokens": True}, {"completion_tokens": None}),
    ({"completion_tokens": "9"}, {"completion_tokens": None}),
    ({"prompt_tokens": [1]}, {"prompt_tokens": None}),
    ({"reasoning": ["a"]}, {"reasoning": None}),
    ({"reasoning": {"a": 1}}, {"reasoning": None}),
    ({"seconds": "1.5"}, {"seconds": None}),
    ({"seconds": 2}, {"seconds": 2.0}),
    ({"model": 7, "other_model": []}, {"model": None, "other_model": None}),
    ({"system_fingerprint": "a\ud800"}, {"system_fingerprint": "a\ufffd", "replaced": 1}),
    ({"replaced": "many"}, {"replaced": None}),
    ({"messages": 5, "seed": "x", "problem_id": None}, {"seed": 1, "problem_id": "p"}),
    ({"sample_index": 2**40, "digest": "other"}, {"sample_index": 0, "digest": "a" * 32}),
    ({"a column of a later version": {"a": 1}}, {"text": "4"}),
    ({"finish_reason": None}, {"finish_reason": None}),
]


@pytest.mark.parametrize(("spoilt", "expected"), POISON)
def test_a_journal_of_an_earlier_version_gives_rows(
    spoilt: dict[str, Any], expected: dict[str, Any], tmp_path: Path
) -> None:
    request = Request("p", 0, "a" * 32, ({"role": "user", "content": "?"},), 1, {})
    row = {**dict.fromkeys(OLD), "problem_id": "p", "sample_index": 0, "digest": "a" * 32, "seed": 1}
    row |= {"messages": list(request.messages), "text": "4", "finish_reason": "stop", **spoilt}
    with JournalWriter(tmp_path / "j") as journal:
        journal.append(row, "a" * 32, True)
    (found,) = rows_of([request], scan(tmp_path / "j"))
    write_rows(tmp_path / "x.parquet", Generation, [found])
    (again,) = read_rows(tmp_path / "x.parquet", Generation)
    assert again == found
    assert {name: getattr(found, name) for name in expected} == expected
    assert (found.model, found.other_model) == (None, None)


# Rows that no sample can be made of: columns that they have instead, or lack where the value is ... .
USELESS: list[Any] = [
    {"text": ...},
    {"text": None},
    {"text": 5},
    {"text": ["4"]},
    {"finish_reason": ...},
    {"finish_reason": {"type": "abort"}},
    {"finish_reason": 5},
    {"finish_reason": "abort"},
    {"finish_reason": "error"},
    {"finish_reason": ""},
    {"error": "transient: x"},
    {"error": 5},
    [],
    "a text",
    None,
]
# Columns whose lack can be made good.
COMPLETED = ["problem_id", "sample_index", "digest", "messages", "seed", "reasoning", "prompt_tokens"]
COMPLETED += ["completion_tokens", "seconds", "error"]


def kept_row(spoilt: dict[str, Any]) -> Json:
    row = {**dict.fromkeys(OLD), "problem_id": "p0", "sample_index": 0, "digest": "0" * 32, "seed": 0}
    row |= {"messages": [], "text": "4", "finish_reason": "stop", **spoilt}
    return {name: value for name, value in row.items() if value is not ...}


@pytest.mark.parametrize("column", COMPLETED)
def test_a_row_without_a_column_is_completed(column: str, tmp_path: Path) -> None:
    with JournalWriter(tmp_path / "j") as journal:
        journal.append(kept_row({column: ...}), "0" * 32, True)
    (request,) = requests(1)
    (found,) = rows_of([request], scan(tmp_path / "j"))
    assert (found.text, found.error) == ("4", None)
    known = ("problem_id", "sample_index", "digest", "messages", "seed")
    assert [getattr(found, name) for name in known] == [getattr(request, name) for name in known]


@pytest.mark.parametrize("spoilt", USELESS)
def test_a_row_of_no_use_is_asked_for_once_and_its_file_named(
    spoilt: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    row = kept_row(spoilt) if isinstance(spoilt, dict) else spoilt
    with JournalWriter(tmp_path / "j") as journal:
        journal.append(row, "0" * 32, True)
        name = journal.path.name
    asked = requests(3)
    with FakeServer(good).running() as server:
        limits = Limits(concurrency=4)

        def finish(missing: Sequence[Request]) -> JournalIndex:
            return complete(missing, tmp_path / "j", FixedHandle(server.base_url), limits)

        for _ in range(2):
            rows = finished(asked, finish, list)
            assert [row.text for row in rows] == ["4", "4", "4"]
            assert [row.digest for row in rows] == [request.digest for request in asked]
            assert sorted(body["seed"] for body in server.bodies) == [0, 1, 2]
            assert f"{name}: the row of {'0' * 32} is of no use" in caplog.text


def test_a_row_of_no_use_that_can_not_be_had_is_an_error_and_asked_again(tmp_path: Path) -> None:
    with JournalWriter(tmp_path / "j") as journal:
        journal.append(kept_row({"text": None}), "0" * 32, True)

    async def refuse(*_: object) -> web.StreamResponse:
        return web.Response(status=400, text="no")

    with FakeServer(good).running() as server, FakeServer(refuse).running() as broken:
        for url, expected in ((broken.base_url, None), (server.base_url, "4")):

            def finish(missing: Sequence[Request], url: str = url) -> JournalIndex:
                return complete(missing, tmp_path / "j", FixedHandle(url), Limits())

            (row,) = finished(requests(1), finish, list)
            assert row.text == expected
            assert (row.error or "").startswith("" if expected else "permanent: HTTP 400")


def test_a_file_that_changed_between_scan_and_reading_is_scanned_again(tmp_path: Path) -> None:
    folder = tmp_path / "j"
    with JournalWriter(folder) as journal:
        for request in requests(3):
            journal.append(kept_row({}), request.digest, True)
    with FakeServer(good).running() as server:
        damage = iter([True])

        def finish(missing: Sequence[Request]) -> JournalIndex:
            index = complete(missing, folder, FixedHandle(server.base_url), Limits())
            if next(damage, False):
                journal.path.write_bytes(journal.path.read_bytes().replace(b"stop", b"step", 1))
            return index

        rows = finished(requests(3), finish, list)
    assert [row.text for row in rows] == ["4"] * 3
    assert [body["seed"] for body in server.bodies] == [0]


OLD = ["text", "reasoning", "finish_reason", "prompt_tokens", "completion_tokens", "seconds", "error"]


class _Canned:
    """In place of a pool's connection: hands out one body after another."""

    def __init__(self, bodies: list[bytes]) -> None:
        self._bodies = iter(bodies)

    async def __aexit__(self, *exception: object) -> None:
        return None

    async def post(self, url: str, api_key: str | None, body: bytes) -> Answer:
        return Answer(200, {}, next(self._bodies))


def _local(bodies: list[bytes]) -> Client:
    client = LocalClient(10)
    client._pool = _Canned(bodies)  # type: ignore[assignment]
    return client


def _hosted(bodies: list[bytes]) -> Client:
    remaining, client = iter(bodies), HostedClient(10)
    kinds = {"content-type": "application/json"}
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, content=next(remaining), headers=kinds))
    client._clients["http://x/v1", None] = openai.AsyncOpenAI(
        base_url="http://x/v1",
        api_key="k",
        max_retries=0,
        http_client=httpx2.AsyncClient(transport=transport),
    )
    return client


@pytest.mark.parametrize("make", [_local, _hosted])
def test_2000_mutations_of_a_good_reply_are_rows_or_named_failures(make: Any, tmp_path: Path) -> None:
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    bodies = list(mutations(2000))
    assert len(bodies) == 2000
    request = Request("p", 0, "a" * 32, ({"role": "user", "content": "?"},), 1, {})
    body = {"model": "the-model", "messages": list(request.messages)}

    async def ask() -> list[Generation]:
        client: Client = make(bodies)
        made: list[tuple[Generation, Json]] = []
        for number in range(len(bodies)):
            one = Request("p", number, f"{number:032x}", request.messages, 1, {})
            try:
                found = await client.complete("http://x/v1", None, body)
            except RequestFailed as failed:
                made.append((one.failed(f"{failed.kind}: {failed}"), {}))
            else:
                made.append((one.answered(found, 0.1), found.extras))
        await client.__aexit__()
        with JournalWriter(tmp_path / "j") as journal:
            for row, extras in made:
                keep(journal, row, extras)
        asked = [Request("p", n, f"{n:032x}", request.messages, 1, {}) for n in range(len(bodies))]
        return list(rows_of(asked, scan(tmp_path / "j")))

    rows = asyncio.run(ask())
    assert write_rows(tmp_path / "x.parquet", Generation, rows) == 2000
    failed = [row.error for row in rows if row.error is not None]
    assert 400 < len(failed) < 1600, "mutations that all pass, or all fail, test nothing"
    kinds = ("transient: ", "permanent: ", "connection: ", "fatal: ")
    assert all(error.startswith(kinds) for error in failed)
