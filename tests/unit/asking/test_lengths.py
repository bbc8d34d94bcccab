"""A prompt longer than its margin leaves its answer what there is; nothing else about a request changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from snakeval.asking.ask import Limits
from snakeval.asking.build import build_requests, request_body, request_identity
from snakeval.asking.lengths import fitting
from snakeval.asking.request import Request
from snakeval.asking.rows import complete, rows_of
from snakeval.models.files import resolve
from snakeval.models.infer import infer
from snakeval.schema import Gpus, Model, Sampling
from snakeval.types import Problem
from unit.asking.fake_server import FakeServer, completion
from unit.asking.test_ask import FixedHandle, requests

pytest.importorskip("tokenizers")
LATE = str(Path(__file__).resolve().parents[3] / "demo/models/late")


def asked(digits: int, sampling: Sampling, **given: Any) -> tuple[Request, Request]:
    """A request with a prompt of so many tokens and its template's, before and after."""
    model = Model(model=LATE, **given)
    serving = infer(model, resolve(model), Gpus())
    body = request_body(model, serving, sampling, "a benchmark's file")
    problem = Problem("p", ({"role": "user", "content": "1" * digits},), "1", "{}")
    (request,) = build_requests([problem], request_identity("generate", model, serving, body), body, 1, 0)
    return request, fitting(model, serving)(request)


# (digits of the prompt, what the benchmark and the model's file set, whether the answer is made shorter)
CASES: list[tuple[int, dict[str, Any], dict[str, Any], bool]] = [
    (10, {}, {}, False),
    (480, {}, {}, False),
    (600, {}, {}, True),
    (900, {}, {}, True),
    (5000, {}, {}, False),  # nothing would be left: the server says so
    (600, {"max_tokens": 160}, {}, False),
    (600, {}, {"max_tokens": 512}, False),
    (600, {}, {"prompt_margin": 512}, True),
    (600, {}, {"prompt_margin": 700}, False),
    (600, {}, {"context_length": 800}, True),
    (600, {}, {"extra_body": {"max_completion_tokens": 512}}, False),
    (600, {}, {"extra_body": {"max_tokens": None}}, False),
]


@pytest.mark.parametrize(("digits", "sampling", "given", "shorter"), CASES)
def test_the_longest_answer(
    digits: int, sampling: dict[str, Any], given: dict[str, Any], shorter: bool
) -> None:
    before, after = asked(digits, Sampling.model_validate(sampling), **given)
    if not shorter:
        assert after is before
        return
    assert after.body["max_tokens"] < before.body["max_tokens"]
    context = given.get("context_length", 1024)
    assert digits < context - after.body["max_tokens"] < digits + 40
    assert replace(after, body=before.body) == before


def test_what_is_asked_is_fitted_and_known_by_its_digest_all_the_same(tmp_path: Path) -> None:
    def shorter(request: Request) -> Request:
        return replace(request, body={**request.body, "max_tokens": 7})

    async def answer(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        return completion()

    limits = Limits(concurrency=2, hosted=False)
    wanted = requests(4)
    with FakeServer(answer).running() as server:
        handle = FixedHandle(server.base_url)
        complete(wanted, tmp_path, handle, limits, fit=shorter)
        assert [body["max_tokens"] for body in server.bodies] == [7] * 4
        index = complete(wanted, tmp_path, handle, limits)
        assert len(server.bodies) == 4
        assert [row.digest for row in rows_of(wanted, index)] == [request.digest for request in wanted]
