"""What vLLM answers with an error in every request, or ignores; e2e/test_vllm_parser.py asks it itself."""

from __future__ import annotations

from typing import Any

import pytest

from snakeval.models.dialects import dialect_of
from snakeval.models.refused import most_stops, refused

FIVE = list("abcde")
# (parameters of a request, the one that is refused, words of the reason)
REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"stop": FIVE}, "stop", "5 texts"),
    ({"stop": tuple(FIVE)}, "stop", "VLLM_MAX_STOP_STRINGS: '5'"),
    ({"stop": ["a", ""]}, "stop", "empty"),
    ({"stop": [1]}, "stop", "list of texts"),
    ({"temperature": 2.0001}, "temperature", "at most 2"),
    ({"temperature": -1}, "temperature", "0 or more"),
    ({"temperature": "warm"}, "temperature", "a number only"),
    ({"top_p": 0}, "top_p", "above 0"),
    ({"top_p": 1.5}, "top_p", "at most 1"),
    ({"min_p": 1.5}, "min_p", "at most 1"),
    ({"top_k": -2}, "top_k", "-1 or more"),
    ({"top_k": 2.5}, "top_k", "whole"),
    ({"presence_penalty": 2.5}, "presence_penalty", "at most 2"),
    ({"repetition_penalty": 0}, "repetition_penalty", "above 0"),
    ({"n": 0}, "n", "1 or more"),
    ({"n": 4, "temperature": 0}, "n", "temperature 0"),
    ({"n": 2, "temperature": 0.0}, "n", "the same"),
    ({"top_p": float("nan")}, "top_p", "above 0"),
    ({"seed": 1.5}, "seed", "whole"),
    ({"min_tokens": 10, "max_tokens": 5}, "min_tokens", "more than max_tokens"),
    ({"max_tokens": 0}, "max_tokens", "1 or more"),
    ({"top_logprobs": 5}, "top_logprobs", "logprobs: true"),
    ({"guided_choice": ["a", "b"]}, "guided_choice", "structured_outputs: {choice: ...}"),
    ({"guided_json": {}}, "guided_json", "structured_outputs: {json: ...}"),
    ({"guided_regex": "a"}, "guided_regex", "structured_outputs: {regex: ...}"),
    ({"guided_grammar": "a"}, "guided_grammar", "ignored"),
    ({"guided_decoding_backend": "xgrammar"}, "guided_decoding_backend", "nothing"),
    ({"structured_outputs": {"json": {}, "regex": "a"}}, "structured_outputs", "one of them"),
]
ANSWERED: list[dict[str, Any]] = [
    {},
    {"stop": FIVE[:4]},
    {"stop": "\n\n"},
    {"stop": None, "temperature": None},
    {"temperature": 2},
    {"temperature": 0, "n": 1},
    {"temperature": 0.6, "n": 8},
    {"n": 8},
    {"n": 2, "temperature": 1e-6},  # vLLM makes it 0.01
    {"temperature": "0.7", "top_k": "20", "seed": 2**40},
    {"top_p": 1},
    {"top_k": -1},
    {"top_k": 0},
    {"min_p": 0, "repetition_penalty": 1.05, "presence_penalty": -2},
    {"min_tokens": 5, "max_tokens": 5},
    {"logprobs": True, "top_logprobs": 5},
    {"structured_outputs": {"choice": ["a", "b"]}},
    {"chat_template_kwargs": {"enable_thinking": False}, "reasoning_effort": "low"},
]
# What SGLang makes of the same, and of what only vLLM knows.
SGLANG_REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"stop": ["s"] * 33}, "stop", "33 texts"),
    (
        {"temperature": -0.1},
        "temperature",
        "SGLang answers every request with an error unless it is 0 or more",
    ),
    ({"top_p": 0}, "top_p", "above 0"),
    ({"top_k": 0}, "top_k", "-1 or more, and not 0"),
    ({"top_k": -2}, "top_k", "-1 or more"),
    ({"min_p": 1.5}, "min_p", "at most 1"),
    ({"repetition_penalty": 2.5}, "repetition_penalty", "at most 2"),
    ({"presence_penalty": -3}, "presence_penalty", "-2 or more"),
    ({"min_tokens": 10, "max_tokens": 5}, "min_tokens", "more than max_tokens"),
    ({"structured_outputs": {"choice": ["a"]}}, "structured_outputs", "'regex'"),
    ({"guided_json": {}}, "guided_json", "'response_format'"),
    ({"bad_words": ["x"]}, "bad_words", "is ignored by SGLang"),
    ({"allowed_token_ids": [1]}, "allowed_token_ids", "nothing"),
    ({"include_stop_str_in_output": True}, "include_stop_str_in_output", "no_stop_trim"),
    ({"repeat_penalty": 1.1}, "repeat_penalty", "is ignored by SGLang"),
]
SGLANG_ANSWERED: list[dict[str, Any]] = [
    {},
    {"stop": FIVE},
    {"stop": ["s"] * 32},
    {"temperature": 3},
    {"temperature": 0, "n": 4},
    {"top_k": -1},
    {"top_k": 1, "top_p": 1, "min_p": 1},
    {"repetition_penalty": 2},
    {"seed": 2**40},
    {"skip_special_tokens": False, "ignore_eos": True},
    {"min_tokens": 0, "max_tokens": 5},
]
# What llama.cpp would take another number for, or not look at.
LLAMA_CPP_REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"repetition_penalty": 1.05}, "repetition_penalty", "'repeat_penalty' under extra_body"),
    ({"min_tokens": 5}, "min_tokens", "is ignored by llama.cpp"),
    ({"stop_token_ids": [1]}, "stop_token_ids", "is ignored by llama.cpp"),
    ({"skip_special_tokens": False}, "skip_special_tokens", "is ignored by llama.cpp"),
    ({"structured_outputs": {"regex": "a"}}, "structured_outputs", "'grammar'"),
    ({"regex": "a"}, "regex", "is ignored by llama.cpp"),
    ({"bad_words": ["x"]}, "bad_words", "is ignored by llama.cpp"),
    ({"top_p": 1.5}, "top_p", "takes another number in silence"),
    ({"min_p": -1}, "min_p", "takes another number in silence"),
    ({"top_logprobs": 5}, "top_logprobs", "logprobs: true"),
]
LLAMA_CPP_ANSWERED: list[dict[str, Any]] = [
    {},
    {"repetition_penalty": None, "repeat_penalty": 1.05, "repeat_last_n": 64},
    {"stop": ["s"] * 100},
    {"temperature": 3, "top_k": 0, "min_p": 0.05},
    {"top_k": -1},
    {"grammar": "root ::= [0-9]+", "logprobs": True, "top_logprobs": 3},
    {"chat_template_kwargs": {"enable_thinking": False}},
    {"mirostat": 2, "typical_p": 0.9},
    {"samplers": ["top_k", "temperature"]},
    {"seed": 7, "max_tokens": 5},
]
OTHERS = [("sglang", *each) for each in SGLANG_REFUSED] + [("llama_cpp", *each) for each in LLAMA_CPP_REFUSED]


@pytest.mark.parametrize(("engine", "body", "key", "words"), OTHERS)
def test_refused_by_others(engine: str, body: dict[str, Any], key: str, words: str) -> None:
    found = refused(body, {}, dialect_of(engine))
    assert list(found) == [key]
    assert words in found[key]


@pytest.mark.parametrize("body", SGLANG_ANSWERED)
def test_answered_by_sglang(body: dict[str, Any]) -> None:
    assert refused(body, {}, dialect_of("sglang")) == {}


@pytest.mark.parametrize("body", LLAMA_CPP_ANSWERED)
def test_answered_by_llama_cpp(body: dict[str, Any]) -> None:
    assert refused(body, {}, dialect_of("llama_cpp")) == {}


@pytest.mark.parametrize(("body", "key", "words"), REFUSED)
def test_refused(body: dict[str, Any], key: str, words: str) -> None:
    found = refused(body, {})
    assert list(found) == [key]
    assert words in found[key]


@pytest.mark.parametrize("body", ANSWERED)
def test_answered(body: dict[str, Any]) -> None:
    assert refused(body, {}) == {}


def test_the_engine_may_be_told_to_take_more_stops() -> None:
    assert refused({"stop": FIVE}, {"VLLM_MAX_STOP_STRINGS": "5"}) == {}
    assert list(refused({"stop": FIVE[:3]}, {"VLLM_MAX_STOP_STRINGS": "2"})) == ["stop"]
    assert most_stops({"VLLM_MAX_STOP_STRINGS": "many"}) == most_stops({}) == 4
