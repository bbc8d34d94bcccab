"""The reader of completions: what is an answer, how it ended, and what is a failure, by which name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from snakeval.asking.completions import Completion, read_completion
from snakeval.asking.failures import RequestFailed
from unit.asking.replies import BODIES, reply


def read(payload: Any, bound: int | None = None) -> Completion:
    return read_completion(json.dumps(payload).encode(), bound)


def failure(payload: Any) -> RequestFailed:
    with pytest.raises(RequestFailed) as caught:
        read(payload)
    return caught.value


# Reason to finish, as it is kept; whose it is.
GOOD_ENDS = {
    "stop": "OpenAI",
    "STOP": "Gemini",
    "eos": "Together",
    "eos_token": "TGI",
    "stop_sequence": "Anthropic, TGI",
    "end_turn": "Anthropic",
    "COMPLETE": "Cohere",
    None: "a text that came whole",
    "length": "OpenAI",
    "max_tokens": "Anthropic",
    "MAX_TOKENS": "Gemini, Cohere",
    "model_length": "Mistral",
    "model_context_window_exceeded": "Anthropic, Zhipu",
    "content_filter": "OpenAI",
    "content-filter": "a spelling of it",
    "safety": "Gemini, in lower case",
    "SAFETY": "Gemini",
    "recitation": "Gemini",
    "sensitive": "Zhipu",
    "refusal": "Anthropic",
    "guardrail_intervened": "Bedrock",
}


@pytest.mark.parametrize("reason", GOOD_ENDS)
def test_a_good_reason_to_finish_is_kept_as_it_came(reason: str | None) -> None:
    found = read(reply(finish_reason=reason))
    assert (found.text, found.finish_reason) == ("The answer is 4.", reason)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"type": "stop", "matched": 151645}, "stop"),  # SGLang's own API
        ({"type": "length", "length": 16}, "length"),
        ({"type": "content_filter"}, "content_filter"),
    ],
)
def test_a_reason_within_an_object_is_read(given: dict[str, Any], kept: str) -> None:
    assert read(reply(finish_reason=given)).finish_reason == kept


# Reason, kind of the failure, words in it; where from.
BAD_ENDS = [
    ("error", "transient", "finish_reason 'error'"),  # OpenRouter, Mistral; nodetool#5755
    ("ERROR", "transient", "finish_reason 'ERROR'"),  # Cohere
    ("insufficient_system_resource", "transient", "insufficient_system_resource"),  # DeepSeek
    ("network_error", "transient", "network_error"),  # Zhipu
    ("cancelled", "transient", "cancelled"),  # watsonx
    ("timeout", "transient", "timeout"),  # Cohere
    ("not_finished", "transient", "not_finished"),  # watsonx
    ("tool_calls", "transient", "tool_calls"),  # no tool was offered
    ("null", "transient", "'null'"),  # DashScope, of a text that goes on
    ("", "transient", "finish_reason ''"),
    ("stopped", "transient", "stopped"),  # near a good one, and none
    ("abort", "connection", "the server aborted the request (finish_reason 'abort')"),  # vLLM at its end
    ({"type": "abort", "message": "weights"}, "connection", "finish_reason 'abort'): weights"),  # SGLang
    ({"type": ["stop"]}, "transient", "finish_reason is of type list"),
    ({}, "transient", "finish_reason ''"),
    ({"type": None}, "transient", "finish_reason ''"),
    ("content: filter", "transient", "content: filter"),
    ("stop: no", "transient", "stop: no"),
    (5, "transient", "finish_reason is of type int"),
    (True, "transient", "finish_reason is of type bool"),
    (["stop"], "transient", "finish_reason is of type list"),
]


@pytest.mark.parametrize(("reason", "kind", "words"), BAD_ENDS)
def test_every_other_reason_is_a_failure_with_its_name(reason: Any, kind: str, words: str) -> None:
    found = failure(reply(finish_reason=reason))
    assert (found.kind, found.billed) == (kind, True)
    assert words in str(found)


@pytest.mark.parametrize(
    ("used", "bound", "expected"),
    [(9, 9, "length"), (9, 10, None), (9, None, None), (None, 9, None)],
)
def test_without_a_reason_an_answer_as_long_as_may_be_was_cut(
    used: int | None, bound: int | None, expected: str | None
) -> None:
    payload = reply(finish_reason=None, usage={"prompt_tokens": 1, "completion_tokens": used})
    assert read(payload, bound).finish_reason == expected


@pytest.mark.parametrize("content", [None, "", " \n", []])
def test_neither_text_nor_reason_is_a_failure(content: Any) -> None:
    assert "no text came" in str(failure(reply(content=content, finish_reason=None)))


@pytest.mark.parametrize(
    "payload",
    [
        reply(content=None, refusal="I can't help with that."),  # OpenAI, structured outputs
        reply(content="Well, ", refusal="I can't help with that."),
        reply(content=[{"type": "refusal", "refusal": "I can't help with that."}]),  # OpenAI, as parts
        reply(content=None, refusal="I can't help with that.", finish_reason="content_filter"),
        reply(content="Well, ", refusal="I can't help with that.", finish_reason="length"),
        reply(content="Well, ", refusal="I can't help with that.", finish_reason=None),
    ],
)
def test_a_refusal_is_no_whole_answer(payload: Any) -> None:
    found = read(payload)
    said = payload["choices"][0]["finish_reason"]
    assert found.finish_reason == (said if said == "content_filter" else "refusal")
    assert found.extras["refusal"] == "I can't help with that."


# Error, kind, whether it may be of all requests, words; asked again only if a code says so.
ERRORS = [
    ({"code": 502, "message": "Network connection lost."}, "transient", False, "Network connection lost."),
    ({"code": 429, "message": "slow down"}, "transient", False, "slow down"),
    ({"code": "429", "message": "slow down"}, "transient", False, "slow down"),
    ({"code": None, "type": "server_error", "message": "oops"}, "transient", False, "oops"),
    ({"code": 503, "status": "UNAVAILABLE", "message": "overloaded"}, "transient", False, "overloaded"),
    ({"type": "overloaded_error", "message": "Overloaded"}, "transient", False, "Overloaded"),
    ({"message": "Provider returned error"}, "permanent", False, "Provider returned error"),
    ({"code": 400, "message": "bad"}, "permanent", False, "bad"),
    ({"code": "model_error", "message": "bad"}, "permanent", False, "bad"),
    ("plain words", "permanent", False, "plain words"),
    ({"code": 401, "message": "no key"}, "transient", True, "no key"),
    ({"code": 403, "message": "no"}, "permanent", True, "no"),
    ({"code": 403, "message": "Your input was flagged"}, "permanent", False, "(refused by a filter)"),
    ({"code": "insufficient_quota", "message": "pay"}, "fatal", False, "insufficient_quota"),
    ({"code": 402, "message": "Insufficient credits"}, "fatal", False, "Insufficient credits"),
    ({"metadata": {"raw": "x"}}, "permanent", False, '"raw": "x"'),
    ([1], "permanent", False, "an error came"),
]


@pytest.mark.parametrize(("error", "kind", "refused", "words"), ERRORS)
@pytest.mark.parametrize("place", ["choice", "beside", "alone", "with a good choice"])
def test_an_error_in_an_answer_is_a_failure(
    place: str, error: Any, kind: str, refused: bool, words: str
) -> None:
    payload = reply(finish_reason="error")
    if place == "choice":
        payload = {"choices": [{**payload["choices"][0], "error": error}]}
    elif place == "beside":
        payload = {**payload, "choices": [], "error": error}
    elif place == "alone":
        payload = {"error": error}
    else:
        payload = reply(error=error)
    found = failure(payload)
    assert (found.kind, found.refused) == (kind, refused)
    assert words in str(found)
    assert "{'id'" not in str(found)


@pytest.mark.parametrize("reason", ["content_filter: PROHIBITED_CONTENT", "SAFETY", "length"])
def test_what_was_cut_before_its_first_word_may_have_no_message(reason: str) -> None:
    for choice in ({"finish_reason": reason}, {"finish_reason": reason, "message": None}):
        found = read({"choices": [choice], "usage": {"prompt_tokens": 7, "completion_tokens": 0}})
        assert (found.text, found.finish_reason, found.prompt_tokens) == ("", reason, 7)


@pytest.mark.parametrize("choice", [{"finish_reason": "stop"}, {"finish_reason": "stop", "message": "4"}, {}])
def test_a_finished_choice_without_a_message_is_none(choice: Any) -> None:
    assert str(failure({"choices": [choice]})).startswith("not a chat completion")


@pytest.mark.parametrize("error", [None, "", {}, {"code": None, "message": ""}, False, 0, []])
def test_an_empty_error_is_none(error: Any) -> None:
    assert read(reply(error=error)).text == "The answer is 4."


# Content, the server's reasoning field, the text, the reasoning; where from.
CONTENTS = [
    ("4", None, "4", None),
    ("4", "", "4", ""),  # a server that separates and found none
    ([{"type": "text", "text": "4"}], None, "4", None),
    (  # Mistral; req_llm#742
        [
            {"type": "thinking", "thinking": [{"type": "text", "text": "2 + 2"}]},
            {"type": "text", "text": "4"},
        ],
        None,
        "4",
        "2 + 2",
    ),
    ([{"type": "thinking", "thinking": "2 + 2"}, {"type": "text", "text": "4"}], None, "4", "2 + 2"),
    ([{"type": "reasoning", "text": "2 + 2"}, {"type": "output_text", "text": "4"}], None, "4", "2 + 2"),
    ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], None, "ab", None),
    (["a", "b"], None, "ab", None),
    ({"type": "text", "text": "4"}, None, "4", None),
    ([{"type": "text", "text": "4"}, {"type": "reference", "reference_ids": [1]}], None, "4", None),
    ([{"type": "redacted_thinking", "data": "x"}, {"type": "text", "text": "4"}], None, "4", None),
    ([{"type": "text", "text": "4"}], [{"type": "text", "text": "2 + 2"}], "4", "2 + 2"),
    ("4", {"text": "2 + 2"}, "4", "2 + 2"),
    ([], None, "", None),
    (None, "2 + 2", "", "2 + 2"),
]


@pytest.mark.parametrize(("content", "field", "text", "reasoning"), CONTENTS)
def test_text_and_reasoning_come_from_parts(
    content: Any, field: Any, text: str, reasoning: str | None
) -> None:
    payload = reply(content=content)
    message = payload["choices"][0]["message"]
    del message["reasoning_content"]
    message["reasoning"] = field
    found = read(payload)
    assert (found.text, found.reasoning) == (text, reasoning)


@pytest.mark.parametrize(
    "content",
    [
        5,
        True,
        1.5,
        [{"type": "image_url", "image_url": {"url": "x"}}],
        [{"type": "tool_use", "input": {}}],
        [{"type": "text"}],
        [{"type": "text", "text": 4}],
        [{"type": "text", "text": {"value": "4"}}],
        [None],
        [["4"]],
        [4],
    ],
)
def test_content_of_another_type_is_a_failure_and_never_a_shorter_text(content: Any) -> None:
    found = failure(reply(content=content))
    assert found.kind == "transient"
    assert str(found).startswith("not a chat completion (")


# Usage, (prompt, completion, cached, hidden).
USAGES = [
    ({"prompt_tokens": 7, "completion_tokens": 9, "total_tokens": 16}, (7, 9, 0, 0)),
    ({"prompt_tokens": 7, "completion_tokens": 9, "total_tokens": 20}, (7, 9, 0, 4)),
    ({"prompt_tokens": 7.0, "completion_tokens": 9.5}, (7, None, 0, 0)),
    ({"prompt_tokens": 2**31, "completion_tokens": 2**31 - 1}, (None, 2**31 - 1, 0, 0)),
    ({"prompt_tokens": 10**30, "completion_tokens": 9}, (None, 9, 0, 0)),
    ({"prompt_tokens": True, "completion_tokens": False}, (None, None, 0, 0)),
    ({"prompt_tokens": float("nan"), "completion_tokens": float("inf")}, (None, None, 0, 0)),
    ({"prompt_tokens": -7, "completion_tokens": "9"}, (None, None, 0, 0)),
    ({"prompt_tokens": [7], "completion_tokens": {"n": 9}}, (None, None, 0, 0)),
    ({"prompt_tokens": 7, "prompt_tokens_details": [3]}, (7, None, 0, 0)),
    ({"prompt_tokens": 7, "prompt_tokens_details": {"cached_tokens": 30}}, (7, None, 7, 0)),
    ({"prompt_tokens": 7, "prompt_tokens_details": {"cached_tokens": "3"}}, (7, None, 0, 0)),
    ({}, (None, None, 0, 0)),
    (None, (None, None, 0, 0)),
    ([7, 9], (None, None, 0, 0)),
    ("7", (None, None, 0, 0)),
    (16, (None, None, 0, 0)),
]


@pytest.mark.parametrize(("usage", "expected"), USAGES)
def test_usage_of_any_shape_costs_no_answer(usage: Any, expected: tuple[Any, ...]) -> None:
    found = read(reply(usage=usage))
    assert found.text == "The answer is 4."
    counted = (found.prompt_tokens, found.completion_tokens, found.cached_tokens, found.hidden_tokens)
    assert counted == expected
    assert all(type(each) in (int, type(None)) for each in counted)


@pytest.mark.parametrize("value", [5, True, ["m"], {"id": "m"}, "", None, float("nan")])
def test_names_of_another_type_are_none(value: Any) -> None:
    found = read(reply(model=value, system_fingerprint=value))
    assert (found.model, found.system_fingerprint) == (None, None)


@pytest.mark.parametrize("body", BODIES)
def test_a_body_that_is_no_completion_is_a_named_failure(body: bytes) -> None:
    with pytest.raises(RequestFailed, match=r"the answer is not JSON|not a chat completion") as caught:
        read_completion(body)
    assert (caught.value.kind, caught.value.billed) == ("transient", True)
    assert len(str(caught.value)) < 2000
