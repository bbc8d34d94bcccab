"""From what a server sent to a table, by way of the journal: nothing that a table refuses, nothing lost."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest

from snakeval.asking.ask import keep
from snakeval.asking.clients import Client, LocalClient
from snakeval.asking.completions import read_completion
from snakeval.asking.failures import RequestFailed
from snakeval.asking.hosted import HostedClient
from snakeval.asking.http_pool import Answer
from snakeval.asking.request import Request
from snakeval.asking.rows import rows_of
from snakeval.journal.index import scan
from snakeval.journal.writer import JournalWriter
from snakeval.system.tables import read_rows, write_rows
from snakeval.types import Generation, Json
from unit.asking.replies import mutations, reply


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
    ({"finish_reason": {"type": "abort"}}, {"finish_reason": '{"type": "abort"}'}),
    ({"finish_reason": 5}, {"finish_reason": "5"}),
    ({"reasoning": ["a"]}, {"reasoning": None}),
    ({"reasoning": {"a": 1}}, {"reasoning": None}),
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
