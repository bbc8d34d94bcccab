"""The kinds of marks between which models are known to write their reasoning.

Made from the parsers of `vllm.reasoning` (0.32), against which tests/unit/answers/test_kinds.py holds it, and
from the model cards of models that have none there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """How one family of models opens and closes its reasoning, as regular expressions without groups.

    `words`: the marks are words of a language, so they count only where they open the text, and close only
    what they have opened.
    """

    name: str
    start: str
    end: str
    words: bool = False


def _tag(name: str, pattern: str) -> Kind:
    return Kind(name, f"<{pattern}>", f"</{pattern}>")


KINDS = (
    # With a suffix that belongs to a checkpoint, as in <think:6124c78e>: Hunyuan.
    _tag("think", r"think(?::\w+)?"),
    _tag("thinking", "thinking"),
    _tag("thought", "thought"),
    _tag("reasoning", "reasoning"),
    _tag("reason", "reason"),
    _tag("seed", "seed:think"),
    _tag("minimax", "mm:think"),
    _tag("k2 horizon", r"ifm\|think(?:_faster|_fast)?"),
    Kind("mistral", r"\[THINK\]", r"\[/THINK\]"),
    Kind("kimi", "◁think▷", "◁/think▷"),
    Kind("kimi k3", r"<\|open\|>\s*think\s*<\|sep\|>", r"<\|close\|>\s*think\s*<\|sep\|>"),
    Kind("cohere", r"<\|START_THINKING\|>", r"<\|END_THINKING\|>"),
    Kind("plamo", r"<\|plamo:begin_think:plamo\|>", r"<\|plamo:end_think:plamo\|>"),
    Kind("open thoughts", r"<\|begin_of_thought\|>", r"<\|end_of_thought\|>"),
    Kind("gemma", r"<\|channel>(?:thought\b)?", r"<channel\|>"),
    Kind("medgemma", "<unused94>(?:thought)?", "<unused95>"),
    # These go from channel to channel: what closes the reasoning is what opens the answer.
    Kind(
        "harmony",
        r"<\|channel\|>(?:analysis|commentary)[^<]{0,99}<\|message\|>",
        r"<\|channel\|>final[^<]{0,99}<\|message\|>",
    ),
    Kind("inkling", r"<\|content_thinking\|>", r"<\|content_text\|>"),
    Kind("muse", r"to=self<\|message\|>", r"to=user<\|message\|>"),
    # Harmony as it reads where its special tokens were dropped.
    Kind("harmony, bare", "analysis(?=[A-Z])", "assistant(?:commentary[^ ]{0,99})?final", words=True),
    Kind("granite", "Here(?:'s| is) my thought process:", "Here(?:'s| is) my response:", words=True),
    Kind("apriel", "Here are my reasoning steps:", r"\[BEGIN FINAL RESPONSE\]", words=True),
)

# What all their marks begin with, as one expression whose alternatives begin with plain text: it is fast.
BEGINNINGS = r"<(?=[/|tsrmiuc])|\[(?=[/TB])|◁|to=|analysis|assistant|Here"

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


def kinds_in(text: str) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """The kinds with a mark in a text, each with the spellings of its opening and closing marks there."""
    found = {}
    for kind in KINDS:
        starts, ends = (_spellings(mark, text) for mark in (kind.start, kind.end))
        if (starts or ends) and not kind.words:
            found[kind.name] = starts, ends
    return found


def _spellings(mark: str, text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(match[0] for match in re.finditer(mark, text)))
