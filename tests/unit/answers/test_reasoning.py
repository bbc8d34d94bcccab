from __future__ import annotations

import pytest

from snakeval.answers.reasoning import separate
from snakeval.schema import Reasoning

THINK = Reasoning()
NO_START = Reasoning(start=None)
PREFILLED = Reasoning(prefilled=True)
SEVERAL = Reasoning(start=("<think>", "[THINK]"), end=("</think>", "[/THINK]"))
HARMONY = Reasoning(start="<|channel|>analysis<|message|>", end="final<|message|>")


@pytest.mark.parametrize(
    ("text", "reasoning", "answer"),
    [
        ("<think>2 + 2</think>4", THINK, "4"),
        ("<think>\n</think>\n\n4", THINK, "\n\n4"),
        ("<think>a</think>b<think>c</think>d", THINK, "d"),
        ("2 + 2</think>4", THINK, "4"),
        ("4", THINK, "4"),
        ("", THINK, ""),
        ("<think>2 + 2", THINK, None),
        ("<think>a</think>b<think>c", THINK, None),
        ("<think>so I say </think>", THINK, ""),
        ("<think>2 + 2", NO_START, "<think>2 + 2"),
        ("2 + 2</think>4", NO_START, "4"),
        ("2 + 2</think>4", PREFILLED, "4"),
        ("2 + 2 is", PREFILLED, None),
        ("<think>2 + 2</think>4", PREFILLED, "4"),
        ("", PREFILLED, None),
        ("<think>a</think>b[THINK]c[/THINK]d", SEVERAL, "d"),
        ("[THINK]a[/THINK]b<think>c</think>d", SEVERAL, "d"),
        ("<think>a</think>b[THINK]c", SEVERAL, None),
        ("[THINK]a", SEVERAL, None),
        ("4", SEVERAL, "4"),
        (
            "<|channel|>analysis<|message|>2 + 2<|end|><|start|>assistant<|channel|>final<|message|>4",
            HARMONY,
            "4",
        ),
        ("<|channel|>analysis<|message|>2 + 2", HARMONY, None),
        ("<|channel|>final<|message|>4", HARMONY, "4"),
        ("[R] a.b [/R] c", Reasoning(start="[R]", end="[/R]"), " c"),
        ("a </THINK> b", THINK, "a </THINK> b"),
    ],
)
def test_what_stands_after_the_last_end_is_the_answer(
    text: str, reasoning: Reasoning, answer: str | None
) -> None:
    assert separate(text, reasoning) == answer


@pytest.mark.parametrize("field", ["", "2 + 2"])
def test_text_that_the_server_has_separated_is_the_answer_as_it_is(field: str) -> None:
    assert separate("Write <think> first.", THINK, field) == "Write <think> first."
