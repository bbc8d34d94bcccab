"""The kinds of marks between which models are known to write their reasoning.

Made from the parsers of `vllm.reasoning` (0.32), against which tests/unit/answers/test_kinds.py holds it, and
from the model cards of models that have none there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """How one family of models opens and closes its reasoning.

    `start` and `end` are the usual spellings, `patterns` regular expressions without groups for all of them.
    `words`: the marks are words of a language, so they count only where they open the text, and close only
    what they have opened.
    """

    start: str
    end: str
    patterns: tuple[str, str]
    words: bool = False


def _kind(
    start: str, end: str, start_pattern: str = "", end_pattern: str = "", *, words: bool = False
) -> Kind:
    return Kind(start, end, (start_pattern or re.escape(start), end_pattern or re.escape(end)), words)


KINDS = (
    # With a suffix that belongs to a checkpoint, as in <think:6124c78e>: Hunyuan.
    _kind("<think>", "</think>", r"(?i:<think(?::\w+)?>)", r"(?i:</think(?::\w+)?>)"),
    *(
        _kind(f"<{name}>", f"</{name}>", f"(?i:<{name}>)", f"(?i:</{name}>)")  # by instruction, in any case
        for name in ("thinking", "thought", "thoughts", "reasoning", "reason")
    ),
    _kind("<seed:think>", "</seed:think>"),
    _kind("<mm:think>", "</mm:think>"),  # MiniMax
    _kind(
        "<ifm|think>",
        "</ifm|think>",
        r"<ifm\|think(?:_faster|_fast)?>",
        r"</ifm\|think(?:_faster|_fast)?>",
    ),  # K2 Horizon
    _kind("[THINK]", "[/THINK]"),  # Mistral
    _kind("◁think▷", "◁/think▷"),  # Kimi
    _kind(
        "<|open|>think<|sep|>",
        "<|close|>think<|sep|>",
        r"<\|open\|>\s*think\s*<\|sep\|>",
        r"<\|close\|>\s*think\s*<\|sep\|>",
    ),
    _kind("<|START_THINKING|>", "<|END_THINKING|>"),  # Cohere
    _kind("<|plamo:begin_think:plamo|>", "<|plamo:end_think:plamo|>"),
    _kind("<|begin_of_thought|>", "<|end_of_thought|>"),  # Open Thoughts
    _kind("<|channel>", "<channel|>", r"<\|channel>(?:thought\b)?"),  # Gemma
    _kind("<unused94>", "<unused95>", "<unused94>(?:thought)?"),  # MedGemma
    # These go from channel to channel: what closes the reasoning is what opens the answer.
    _kind(
        "<|channel|>analysis<|message|>",
        "<|channel|>final<|message|>",
        r"<\|channel\|>(?:analysis|commentary)[^<]{0,99}<\|message\|>",
        r"<\|channel\|>final[^<]{0,99}(?:<\|constrain\|>[^<]{0,99})?<\|message\|>",
    ),
    _kind("<|content_thinking|>", "<|content_text|>"),  # Inkling
    _kind("to=self<|message|>", "to=user<|message|>"),  # Muse
    # The channels as they read where a server has dropped the special tokens.
    _kind(
        "analysis",
        "assistantfinal",
        "analysis(?=[A-Z])",
        "assistant(?:commentary[^ ]{0,99})?final",
        words=True,
    ),
    _kind(
        "Here is my thought process:",
        "Here is my response:",
        "Here(?:'s| is) my thought process:",
        "Here(?:'s| is) my response:",
        words=True,
    ),  # Granite
    _kind("Here are my reasoning steps:", "[BEGIN FINAL RESPONSE]", words=True),  # Apriel
)

# What all their marks begin with, as one expression whose alternatives begin with plain text: it is fast.
BEGINNINGS = r"<(?=[/|tsrmiucTR])|\[(?=[/TB])|◁|to=|analysis|assistant|Here"

# What stands around an answer after a block, in pairs; where there is no opening, what ends a model's turn.
WRAPPERS = (
    ("", "<|return|>"),
    ("", "<|end|>"),
    ("", "<|eot|>"),
    ("", "<|end_message|>"),
    ("", "<|close|>message<|sep|>"),
    ("<|open|>response<|sep|>", "<|close|>response<|sep|>"),
    ("<|START_RESPONSE|>", "<|END_RESPONSE|>"),
    ("<|START_TEXT|>", "<|END_TEXT|>"),
    ("<|begin_of_solution|>", "<|end_of_solution|>"),
    ("", "[END FINAL RESPONSE]"),
    ("<response>", "</response>"),
    ("<answer>", "</answer>"),
)


def kinds_in(text: str) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """The marks of each kind that a text has one of, as they are spelt there: what opens, what closes."""
    found = []
    for kind in KINDS:
        starts, ends = (_spellings(mark, text) for mark in kind.patterns)
        if (starts or ends) and not kind.words:
            found.append((starts or (kind.start,), ends or (kind.end,)))
    return found


def _spellings(pattern: str, text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(match[0] for match in re.finditer(pattern, text)))
