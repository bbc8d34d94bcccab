"""The harness' clients send a few stop strings, and each text ends where its task says all the same."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest
from aiohttp import web

from snakeval.harness.stops import cut, cutting, ends
from snakeval.system import keys
from unit.asking.fake_server import FakeServer

ENDS: list[tuple[object, str | None, list[str]]] = [
    (None, None, []),
    ("\n", None, ["\n"]),
    (["\n", "\n"], None, ["\n"]),
    (["a", "", "b"], None, ["a", "b"]),
    (["a"], "</s>", ["a", "</s>"]),
    (["</s>", "a"], "</s>", ["</s>", "a"]),
    ([], "</s>", ["</s>"]),
    (("a", "b"), None, ["a", "b"]),
    (["a", None], None, ["a"]),
]


@pytest.mark.parametrize(("until", "eos", "expected"), ENDS)
def test_ends_of_a_task(until: object, eos: str | None, expected: list[str]) -> None:
    assert ends(until, eos) == expected


# (text, where it may end, what is left)
CUT = [
    ("one two", [], "one two"),
    ("one two", ["x"], "one two"),
    ("one two", ["two", "one"], ""),
    ("one two", ["two"], "one "),
    ("a\n\nb\nc", ["\n\n", "\n"], "a"),
    ("aXbY", ["Y", "X"], "a"),
    ("", ["a"], ""),
    ("ends.", ["."], "ends"),
    ("Question: Q Question:", ["\nQuestion:"], "Question: Q Question:"),
    ("```py\nx\n```", ["\n```"], "```py\nx"),
]


@pytest.mark.parametrize(("text", "stops", "left"), CUT)
def test_cut_at_the_first(text: str, stops: list[str], left: str) -> None:
    assert cut(text, stops) == left


TEXT = "one;two,three.four:five!six"
# (what a task stops at, what is sent of four, what is left of TEXT)
ASKED: list[tuple[list[str], list[str], str]] = [
    (["x", "y"], ["x", "y"], TEXT),
    (["a", "b", "c", "d"], ["a", "b", "c", "d"], TEXT),
    (["a", "b", "c", "d", "."], ["a", "b", "c", "d"], "one;two,three"),
    (["a", "b", "c", "d", ".", ","], ["a", "b", "c", "d"], "one;two"),
    (["a", "b", "c", "d", "Z"], ["a", "b", "c", "d"], TEXT),
    (["", "a", "b", "c", "d"], ["a", "b", "c", "d"], TEXT),
]


class Hook:
    """The harness' cache, as a list."""

    def __init__(self) -> None:
        self.kept: list[tuple[Any, str]] = []

    def add_partial(self, attr: str, request: Any, result: str) -> None:
        assert attr == "generate_until"
        self.kept.append((request, result))


def cutting_client(kind: str, base_url: str, at_once: int) -> tuple[Any, Hook]:
    """A client of the harness' own that sends four stop strings at most, and its cache."""
    openai = pytest.importorskip("lm_eval.models.openai_completions")
    base = openai.LocalChatCompletion if kind == "chat" else openai.LocalCompletionsAPI
    client = cutting(base, 4)(
        model="m",
        base_url=f"{base_url}/{'chat/completions' if kind == 'chat' else 'completions'}",
        num_concurrent=at_once,
        tokenizer_backend=None,
        tokenized_requests=False,
    )
    client.set_cache_hook(hook := Hook())
    return client, hook


@pytest.mark.parametrize("at_once", [1, 8])
@pytest.mark.parametrize("kind", ["chat", "completions"])
def test_the_harness_own_clients(kind: str, at_once: int) -> None:
    """Nothing but its servers is made up: what is sent, what comes back and what is kept."""
    openai = pytest.importorskip("lm_eval.models.openai_completions")
    instance = pytest.importorskip("lm_eval.api.instance").Instance

    async def answer(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        said = {"message": {"content": TEXT}} if kind == "chat" else {"text": TEXT}
        return web.json_response({"choices": [{"index": 0, **said}]})

    with FakeServer(answer).running() as server:
        client, hook = cutting_client(kind, server.base_url, at_once)
        for until, sent, left in ASKED:
            prompt = "[]" if kind == "chat" else "?"
            wrapped = openai.LocalChatCompletion.apply_chat_template(client, []) if kind == "chat" else prompt
            request = instance("generate_until", {}, (wrapped, {"until": list(until)}), 0)
            assert client.generate_until([request], disable_tqdm=True) == [left]
            assert server.bodies[-1]["stop"] == sent
            assert hook.kept[-1] == ((wrapped, {"until": until}), left)


KEY = "sk-the-key-of-a-server"
ECHOED = [
    (f"You sent {KEY}.", "You sent [key]."),
    (f"Bearer {KEY}", "Bearer [key]"),
    (base64.b64encode(KEY.encode()).decode(), "[key]g=="),  # bits of its last letter
    (KEY.encode().hex(), "[key]"),
    (KEY[:10], KEY[:10]),  # a word that a model may say
    ("short-one", "short-one"),
]


@pytest.mark.parametrize("until", [["x"], ["a", "b", "c", "d", "Z"]])
@pytest.mark.parametrize("at_once", [1, 8])
@pytest.mark.parametrize("kind", ["chat", "completions"])
def test_no_key_comes_into_the_harness_cache(
    kind: str, at_once: int, until: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    openai = pytest.importorskip("lm_eval.models.openai_completions")
    instance = pytest.importorskip("lm_eval.api.instance").Instance
    monkeypatch.setattr(keys, "_known", {KEY, "short-one"})
    until = [f"|{stop}|" for stop in until]

    async def answer(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        text = ECHOED[number][0]
        said = {"message": {"content": text}} if kind == "chat" else {"text": text}
        return web.json_response({"choices": [{"index": 0, **said}]})

    with FakeServer(answer).running() as server:
        client, hook = cutting_client(kind, server.base_url, at_once)
        for _, cleaned in ECHOED:
            wrapped = openai.LocalChatCompletion.apply_chat_template(client, []) if kind == "chat" else "?"
            request = instance("generate_until", {}, (wrapped, {"until": until}), 0)
            assert client.generate_until([request], disable_tqdm=True) == [cleaned]
            assert hook.kept[-1][1] == cleaned
        assert len(hook.kept) == len(ECHOED)


def test_likelihoods_are_asked_as_ever() -> None:
    class Base:
        def _create_payload(self, messages: Any, generate: bool = False, **others: Any) -> dict[str, Any]:
            return {"prompt": messages, "generate": generate}

        async def amodel_call(self, *args: Any, **others: Any) -> Any:
            return args, others

    client = cutting(Base, 4)()
    assert client._create_payload("?") == {"prompt": "?", "generate": False}
    sent = {"cache_keys": ["k"], "generate": False, "gen_kwargs": None}
    assert asyncio.run(client.amodel_call("s", **sent)) == (("s",), sent)
