"""Replies as servers send them, for tests of the reader: a good one, and seeded mutations of it."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

GOOD: dict[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1_700_000_000,
    "model": "the-model",
    "system_fingerprint": "fp_1",
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": "The answer is 4.",
                "reasoning_content": "2 + 2",
                "refusal": None,
                "tool_calls": [],
            },
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": {
        "prompt_tokens": 7,
        "completion_tokens": 9,
        "total_tokens": 16,
        "prompt_tokens_details": {"cached_tokens": 3},
    },
    "error": None,
}
STRANGE: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 0.5, 2.0, 2**31, 2**63, 10**30, -(2**40)),
    *(float("nan"), float("inf"), float("-inf"), "", " ", "x", "\ud83d", "a\udfffb", "\x00", "4" * 5000),
    *([], {}, [None], [[]], [{}], {"": None}, {"type": "text", "text": "4"}, {"type": "thinking"}),
    *([{"type": "text", "text": "4"}, {"type": "text"}], {"type": "abort"}, {"message": "no", "code": 502}),
    *("abort", "error", "length", "content_filter", "STOP", "\u0130", ["stop"], {"type": ["stop"]}),
)
BODIES = (
    b"",
    b"null",
    b"[]",
    b"0",
    b'"text"',
    b"<!doctype html><title>502</title>",
    b"[" * 200_000,
    b"{" * 100_000,
    b'{"choices":' * 20_000,
    b'{"choices":[{"message":{"content":' + b"[" * 500 + b"]" * 500 + b"}}]}",
    b"\xff\xfe\x00",
    b"\xef\xbb\xbf{}",
    b"data: {}\n\ndata: [DONE]\n",
)


def reply(**changes: Any) -> dict[str, Any]:
    """The good reply with some of its choice's and its message's keys changed, or a key of its own."""
    made: dict[str, Any] = copy.deepcopy(GOOD)
    choice = made["choices"][0]
    for key, value in changes.items():
        holder = next((each for each in (choice["message"], choice) if key in each), made)
        holder[key] = value
    return made


def mutations(count: int, seed: int = 0) -> Iterator[bytes]:
    """Bodies of answers: the good reply with one to three things in it changed, or its bytes."""
    chance = random.Random(seed)
    yield from BODIES
    for _ in range(count - len(BODIES)):
        made = copy.deepcopy(GOOD)
        for _ in range(chance.randint(1, 3)):
            _mutate(made, chance)
        body = json.dumps(made).encode()
        yield _damaged(body, chance) if chance.random() < 0.2 else body


def _mutate(tree: Any, chance: random.Random) -> None:
    holder, key = chance.choice(list(_places(tree)))
    kind = chance.random()
    if kind < 0.15:
        del holder[key]
    elif kind < 0.25:
        holder[key] = [holder[key]]
    elif kind < 0.35:
        holder[key] = {"value": holder[key]}
    else:
        holder[key] = copy.deepcopy(chance.choice(STRANGE))


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    for key in list(tree) if isinstance(tree, dict) else range(len(tree)):
        yield tree, key
        if isinstance(tree[key], dict | list):
            yield from _places(tree[key])


def _damaged(body: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(body))
    return chance.choice(
        (
            body[:at],
            body[:at] + bytes([chance.randrange(256)]) + body[at + 1 :],
            body[:at] + body[at + 5 :],
            body + body,
            body[:at] + b"\\ud800" + body[at:],
        )
    )
