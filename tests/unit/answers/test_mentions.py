"""Marks of reasoning that are only spoken of, or stand in code."""

from __future__ import annotations

import pytest

from snakeval.answers.reasoning import separate, split
from snakeval.schema import Reasoning

UNKNOWN = Reasoning()
MENTIONED = [
    "`<think>` opens a block. The answer is 5.",
    "The <think> tag opens a block. The answer is 5.",
    "The answer is 5; the <think> tag is not needed.",
    "Write <think> first. The answer is 5.",
    "The answer is 5. <think> tags are not needed here.",
    "Models (<think>) reason before they answer. 5",
    "One of <think>, <reasoning> and [THINK] opens it. 5",
    "Reasoning goes between <think> and </think>. The answer is 5.",
    "The answer is 5. I used the <think>...</think> tags.",
    "I wrapped it as `<think> … </think>`, and got 5.",
    "The answer is 5.\n\nIt ends with `</think>`.",
    'The answer is 5 after text.split("</think>")[-1].',
    "```python\nanswer = text.split('</think>')[-1]\n```",
    "```\n<think>\n7\n</think>\n5\n```",
    "The format:\n\n```text\n<reasoning>\n7\n</reasoning>\n```\n\nThe answer is 5.",
    "~~~\n[THINK]7[/THINK]\n~~~\n5",
    "- <think>: opens it\n- </think> tag: closes it\n\n5",
    "The model uses <think></think> tags. The answer is 5.",
    "re.sub(r'<think>.*?</think>', '', t)\n5",
    're.sub(r"<think>.*?</think>", "", t), 5',
    "**<think>** is a tag. 5",
    "The tag <think> opens it. The tag </think> closes it. 5",
    "Use <think> at the start and </think> at the end. 5",
    "| tag | use |\n|---|---|\n| <think> | opens |\n| </think> | closes |\n5",
    "In my analysis, Alice is right. 5",
    "Here is how it went. Here is my response: 5",
    "x<y and think>2, so 5",
    "  5\n",
    "",
]


@pytest.mark.parametrize("text", MENTIONED)
def test_marks_that_are_spoken_of_are_text(text: str) -> None:
    found = split(text, UNKNOWN)
    assert (found.answer, found.foreign) == (text, False)
    assert separate(f"<think>7</think>\n\nSo:\n{text}", UNKNOWN) == f"So:\n{text}".strip()
