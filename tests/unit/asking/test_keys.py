"""A server that sends the key back: no row, journal, log or error has it, however it is spelled."""

from __future__ import annotations

import base64
import json
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import web

from snakeval.asking import ask as asking
from snakeval.asking.ask import Limits
from snakeval.asking.endpoints import Endpoint, ServerGone
from snakeval.asking.rows import complete, rows_of
from snakeval.system import keys
from snakeval.system.keys import answer_without_keys, know, without_keys
from snakeval.system.logs import log_to
from snakeval.types import Json
from unit.asking.fake_server import FakeServer, completion
from unit.asking.jobs import BOTH
from unit.asking.test_ask import requests

KEY = 'sk-live/4f"9+Zq71 xT<0&mB2'
BEARER = f"Bearer {KEY}"
# What of the key must not be there: its halves, as they are and as others spell them.
SECRETS = (
    *(KEY[:13], KEY[-13:], quote(KEY, safe="")[:15], json.dumps(KEY)[1:14], KEY.encode().hex()[:26]),
    *(base64.b64encode(BEARER.encode()).decode()[12:24], base64.b64encode(KEY.encode()).decode()[:16]),
)


class KeyHandle:
    """A server with a key, which exists."""

    managed = False

    def __init__(self, url: str) -> None:
        self._endpoint = Endpoint((url,), "m", KEY)

    def demand(self) -> None:
        """Nothing to start."""

    async def wait_ready(self, timeout: float) -> Endpoint:
        """The server."""
        return self._endpoint

    def gone(self) -> None:
        """It stays."""


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_known", set())
    monkeypatch.setattr(asking, "FIRST_PAUSE", 0.01)


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    root = logging.getLogger()
    handlers, level, hook = root.handlers[:], root.level, sys.excepthook
    log_to(str(tmp_path / "log"))
    yield tmp_path / "log"
    for handler in root.handlers[:]:
        root.removeHandler(handler)
        handler.close()
    root.handlers, root.level, sys.excepthook = handlers, level, hook
    logging.captureWarnings(False)


def error(message: str, status: int = 400) -> web.Response:
    return web.json_response({"error": {"message": message}}, status=status)


def named(**changes: Any) -> web.Response:
    body: Json = json.loads(completion().text or "")
    return web.json_response({**body, **changes})


def chosen(**changes: Any) -> web.Response:
    body: Json = json.loads(completion().text or "")
    return web.json_response({**body, "choices": [{**body["choices"][0], **changes}]})


# What a server answers with the header that it got.
ECHOES: dict[str, Callable[[str], web.Response]] = {
    "error": lambda got: error(f"invalid key {got}"),
    "error, cut within the key": lambda got: error("x" * 280 + got),
    "error, quoted": lambda got: error(f"see https://e/?key={quote(got, safe='')}"),
    "error, base64": lambda got: error(base64.b64encode(got.encode()).decode()),
    "error, base64 within more": lambda got: error(base64.b64encode(f"{{{got}}}".encode()).decode()),
    "error, hexadecimal": lambda got: error(got.encode().hex()),
    "error, the first half": lambda got: error(f"key {got[:25]}... is unknown"),
    "error, the last half": lambda got: error(f"key ...{got[-15:]} is unknown"),
    "a page": lambda got: web.Response(status=400, text=f"<p>{got}</p>", content_type="text/html"),
    "a long page": lambda got: web.Response(status=400, text="y" * 290 + got),
    "a code": lambda got: web.json_response({"error": {"code": got, "message": "no"}}, status=400),
    "an error as the answer": lambda got: web.json_response(
        {"error": {"message": "no", "code": 400, "got": got}}
    ),
    "a message as the answer": lambda got: web.json_response(
        {"error": {"message": "z" * 290 + got, "code": 400}}
    ),
    "no completion": lambda got: web.json_response({"got": got}),
    "no JSON": lambda got: web.Response(text=f"{'n' * 285}{got}"),
    "no list": lambda got: web.json_response({"choices": got}),
    "every request": lambda got: error(f"{got} is not known", 401),
    "a redirect": lambda got: web.Response(status=307, headers={"Location": f"/login?key={quote(got)}"}),
    "a reason to finish": lambda got: chosen(finish_reason=f"failed for {got}"),
    "another reason": lambda got: chosen(finish_reason={"type": "abort", "message": "w" * 290 + got}),
    "a model": lambda got: named(model="m" * 190 + got),
    "a fingerprint": lambda got: named(system_fingerprint=got),
    "an answer": lambda got: completion(f"Your header was {got}."),
    "reasoning": lambda got: chosen(message={"content": "4", "reasoning_content": got}),
    "half a surrogate beside it": lambda got: completion(f"\ud83d {got}"),
    "a refusal": lambda got: chosen(message={"content": "", "refusal": got}),
}
NOT_SHOWN = {"a code", "an error as the answer"}


@BOTH
@pytest.mark.parametrize("echo", ECHOES)
def test_a_server_that_sends_the_key_back(
    echo: str, is_hosted: bool, tmp_path: Path, log_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def answer(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        return ECHOES[echo](request.headers["Authorization"])

    asked, limits = requests(2), Limits(hosted=is_hosted, max_attempts=2, concurrency=1)
    with FakeServer(answer, models=[f"model of {KEY}"]).running() as server:
        try:
            index = complete(asked, tmp_path / "journal", KeyHandle(server.base_url), limits)
            rows: list[object] = list(rows_of(asked, index))
        except ServerGone as gone:
            rows = [str(gone)]
        assert server.keys[0] == BEARER
    written = "".join(path.read_text(errors="replace") for path in (tmp_path / "journal").glob("*"))
    log = log_file.read_text()
    assert not [secret for secret in SECRETS if secret in written + log + str(rows) + capsys.readouterr().err]
    assert echo in NOT_SHOWN or keys.REPLACEMENT[:3] in written + log + str(rows)  # which may be cut


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("short", "a short text", "a short text"),
        ("EMPTY", "EMPTY", "EMPTY"),
        ("not-needed", "a key is not-needed", "a key is [key]"),
        ("0123456789abcdef", "01234567 is half", "[key] is half"),
        ("0123456789abcdef", "0123456 is less", "0123456 is less"),
        ("0123456789abcdef", "0123456789abcdef0123456789abcdef", "[key][key]"),
        ("0123456789abcdef", "", ""),
        ("aaaaaaaaaaaaaaaa", "a" * 40, "[key][key][key]"),
    ],
)
def test_texts(key: str, text: str, expected: str) -> None:
    know(key)
    assert without_keys(text) == expected


def test_a_models_own_words_are_left_alone() -> None:
    know("not-needed")
    know("0123456789abcdef")
    assert answer_without_keys("not-needed, 012345678, 0123456789abcdef") == "not-needed, 012345678, [key]"


def test_errors_of_others_are_logged_without_it(log_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Endpoint(("http://me:a-pass-word-of-its-own@h/v1",), "m", KEY)
    log = logging.getLogger("lm_eval.models.api_models")
    try:
        raise ValueError(f"API request failed: {BEARER}")
    except ValueError as failure:
        log.exception("attempt %d at %s", 1, "http://me:a-pass-word-of-its-own@h/v1")
        sys.excepthook(ValueError, failure, failure.__traceback__)
    written = log_file.read_text() + capsys.readouterr().err
    assert "Traceback" in written
    assert written.count("API request failed: Bearer [key]") == 4
    assert not [secret for secret in (*SECRETS, "pass-word") if secret in written]
