"""What of a text is its answer: marks set by hand, marks of known kinds, marks that are only spoken of."""

from __future__ import annotations

import random

import pytest

from snakeval.answers.reasoning import separate, split
from snakeval.schema import Reasoning

UNKNOWN = Reasoning()
THINK = Reasoning(start="<think>", end="</think>")
NO_START = Reasoning(start=None)
PREFILLED = Reasoning(prefilled=True)
OPENED = Reasoning(start="<think>", end="</think>", prefilled=True)
SEVERAL = Reasoning(start=("<think>", "[THINK]"), end=("</think>", "[/THINK]"))
HARMONY = Reasoning(start="<|channel|>analysis<|message|>", end="final<|message|>")

Case = tuple[str, Reasoning, str | None]
BY_HAND: list[Case] = [
    ("<think>2 + 2</think>4", THINK, "4"),
    ("<Think>2 + 2</Think>4", Reasoning(), "4"),
    ("<REASONING>\n2 + 2\n</REASONING>\n4", Reasoning(), "4"),
    ("<thoughts>2 + 2</thoughts>4", Reasoning(), "4"),
    ("<THINKING>2 + 2", Reasoning(), None),
    ("<think>\n</think>\n\n4", THINK, "4"),
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
    ("<think>\n\n</think>\n\n4", PREFILLED, "4"),
    ("", PREFILLED, None),
    ("2 + 2</think>4", OPENED, "4"),
    ("2 + 2 [/THINK] 4", OPENED, None),
    ("I close with `</think>` at the end. Perhaps \\boxed{5}", OPENED, None),
    ("I use the </think> tag when done. Perhaps \\boxed{5}", OPENED, None),
    ("I use the </think> tag when done.\n</think>\n\\boxed{5}", OPENED, "\\boxed{5}"),
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
    ("[R] a.b [/R] c", Reasoning(start="[R]", end="[/R]"), "c"),
    # What is set by hand stands: other kinds are text then, and the mark that was not set has a default.
    ("[THINK]a[/THINK]4", THINK, "[THINK]a[/THINK]4"),
    ("<reasoning>4", Reasoning(end="</r>"), "<reasoning>4"),
    ("<think>a</r>4", Reasoning(end="</r>"), "4"),
    ("<r>a</think>4", Reasoning(start="<r>"), "4"),
    ("a </THINK> b", UNKNOWN, "a </THINK> b"),
]


@pytest.mark.parametrize(("text", "reasoning", "answer"), BY_HAND)
def test_marks_of_the_models_own(text: str, reasoning: Reasoning, answer: str | None) -> None:
    assert separate(text, reasoning) == answer


# Opened and closed, closed only, cut; in the spelling of each family of models.
FOREIGN: list[tuple[str, str | None]] = [
    ("[THINK]Maybe \\boxed{7}. No.[/THINK]The answer is 5.", "The answer is 5."),
    ("Maybe \\boxed{7}. No.[/THINK]The answer is 5.", "The answer is 5."),
    ("[THINK]Maybe \\boxed{7}. No", None),
    ("<seed:think>7</seed:think>5", "5"),
    ("<seed:think>7", None),
    ("<thinking>7</thinking>\n5", "5"),
    ("<thinking>\n7", None),
    ("<reasoning>7</reasoning>\n<answer>\n5\n</answer>", "5"),
    ("<reasoning>\n7", None),
    ("<thought>7</thought>5", "5"),
    ("<think:6124c78e>7</think:6124c78e>5", "5"),
    ("<mm:think>7</mm:think>5", "5"),
    ("<ifm|think_fast>7</ifm|think_fast>5", "5"),
    ("◁think▷7◁/think▷5", "5"),
    ("◁think▷7", None),
    ("<|START_THINKING|>7<|END_THINKING|><|START_RESPONSE|>5<|END_RESPONSE|>", "5"),
    ("<|START_THINKING|>7", None),
    ("<|channel>thought\n7<channel|>5", "5"),
    ("<|channel>thought\n7", None),
    ("<unused94>thought\n7<unused95>5", "5"),
    ("<|channel|>analysis<|message|>7<|end|><|start|>assistant<|channel|>final<|message|>5<|return|>", "5"),
    ("<|channel|>analysis<|message|>7", None),
    ("<|channel|>analysis<|message|>7<|channel|>final <|constrain|>json<|message|>5", "5"),
    ("analysisWe have 7.assistantfinal5", "5"),
    ("analysisWe have 7, so", None),
    ("<|begin_of_thought|>7<|end_of_thought|>\n\n<|begin_of_solution|>5<|end_of_solution|>", "5"),
    ("<|open|>think<|sep|>7<|close|>think<|sep|><|open|>response<|sep|>5<|close|>response<|sep|>", "5"),
    ("<|message_model|><|content_thinking|>7<|end_message|><|content_text|>5<|end_message|>", "5"),
    ("to=self<|message|>7<|eom|><|start|>assistant to=user<|message|>5<|eot|>", "5"),
    ("<|plamo:begin_think:plamo|>7<|plamo:end_think:plamo|>5", "5"),
    ("Here is my thought process: 7. Here is my response: 5.", "5."),
    ("Here's my thought process: 7", None),
    ("Here are my reasoning steps:\n7\n[BEGIN FINAL RESPONSE]\n5\n[END FINAL RESPONSE]", "5"),
    ("Sure, let me think.\n<think>\n7\n</think>\n\n5", "5"),
    ("Sure, let me think.\n<think>\nPerhaps \\boxed{7}", None),
    ("Sure. <think> Let me see: 7 </think> 5", "5"),
    ("Okay <think> let me see: 7 </think> 5", "5"),
    ("<think>It says `</think>` ends it. \\boxed{7}", None),
    ('<think>text.split("</think>") and then \\boxed{7}', None),
    ("<think>The <think> and </think> tags are asked for. \\boxed{7}", None),
    ("<think>The <think> and </think> tags are asked for. \\boxed{7}</think>5", "5"),
    ("<think>7</think>no, 8</think>5", "5"),
    ("7 </think> 5", "5"),
    ("```python\nprint(7)\n\n</think>\n5", "5"),
    ("```\nprint(7)\n</think>\n\n```python\nprint(5)\n```", "```python\nprint(5)\n```"),
    ("<think>7</thinking>5", None),
    ("\\boxed{5}\n<think>Checked.</think>", "\\boxed{5}"),
    ("The answer is 5. <reasoning>It is odd</reasoning>.", "The answer is 5."),
    # Reasoning that quotes what it was asked for, and reasoning that begins anew.
    ("<think>\nThe format is <think>reasoning</think>\n<answer>answer</answer>. \\boxed{7}", None),
    ("<think>\nThe format is <think>reasoning</think>\n<answer>x</answer>. So 7\n</think>\n5", "5"),
    ("[THINK]\nAsked for: [THINK]Your thoughts[/THINK]Here, the answer. \\boxed{7}", None),
    ("<think>\nThe format is <think> reasoning </think> <answer> answer </answer>. \\boxed{7}", None),
    ("<think>It is <think> they said" + ", and so on" * 50 + ". 7 </think> 5", "5"),
    ("<think>\nSo no <think> tag is needed.</think>\n5", "5"),
    ("<think>\nNo [THINK] here, I think</think> 5", "5"),
    ("<think>\n<think>\n7\n</think>\n5", "5"),
    ("<think><think>7</think>5", "5"),
    ("<think>\n7? No.\n<think>\nWait.\n</think>\n5", "5"),
    # What looks like a mention and is none.
    ("<think>It's **7**</think>**5**", "**5**"),
    ('<think>It\'s called "x", so</think>"5"', '"5"'),
    ("<think>Done. </think> Section 1: 5", "Section 1: 5"),
    ("<think>So the answer is </think> 5", "5"),
    ("<think>7</think>I used <think> to think. 5", "I used <think> to think. 5"),
    ("Assistant: <think>7</think>5", "5"),
    ("<|im_start|>assistant\n<think>7</think>5", "5"),
    ("So the answer is 7 <think>wait, 5", None),
    # What looks like a mark and is spoken of.
    ("<think>I end with </think> and then say \\boxed{7}", None),
    ("<think>It says </think>, so \\boxed{7}", None),
    ('<think>I should print "</think>" then. \\boxed{7}', None),
    ("<think>a = t.split('</think>')[0]\n\\boxed{7}", None),
]


@pytest.mark.parametrize(("text", "answer"), FOREIGN)
def test_blocks_of_known_kinds(text: str, answer: str | None) -> None:
    found = split(text, UNKNOWN)
    assert found.answer == answer
    assert found.foreign == (answer != text)


@pytest.mark.parametrize("field", ["", "2 + 2"])
def test_text_that_the_server_has_separated_is_the_answer(field: str) -> None:
    assert separate("\n\nWrite <think> first.", THINK, field) == "Write <think> first."
    assert separate("4", OPENED, field) == "4"


def test_a_server_with_an_empty_field_that_has_separated_nothing() -> None:
    assert separate("<think>7</think>5", UNKNOWN, "") == "5"
    assert separate("<think>7</think>5", UNKNOWN, "7") == "<think>7</think>5"
    assert separate("[THINK]7", UNKNOWN, "") is None


LONG: list[tuple[str, str | None]] = [
    ("</think>" * 10_000, ""),
    ("<think>" * 10_000, None),
    ("a <think> b `" * 8_000, "a <think> b `" * 8_000),
    ("The <think> and </think> " * 5_000, "The <think> and </think> " * 5_000),
    ("```\n<think>\n" * 8_001 + "```", None),
    ("<|channel|>analysis" * 5_000, "<|channel|>analysis" * 5_000),
    ("Here is my thought process:" * 4_000, None),
    ("\n" * 100_000 + "<think>", None),
    ("[" * 100_000, "[" * 100_000),
]


@pytest.mark.parametrize(("text", "answer"), LONG)
def test_time_does_not_grow_with_the_square_of_the_length(text: str, answer: str | None) -> None:
    """It would take too long here, and run into the limit on tests."""
    assert separate(text, UNKNOWN) == answer


TAGS = [
    "<think>",
    "</think>",
    "[THINK]",
    "[/THINK]",
    "<|channel>thought",
    "<channel|>",
    "<answer>",
    "</answer>",
    "tags",
    "and",
    "5",
    "x.",
]
PIECES = [*TAGS, "`", "```", "\n", '"', "'"]


@pytest.mark.parametrize("reasoning", [UNKNOWN, THINK, OPENED, PREFILLED], ids=repr)
def test_an_answer_is_part_of_its_text(reasoning: Reasoning) -> None:
    """Of 2,000 texts at random; one that the template opened has none without a closing mark."""
    generator = random.Random(7)
    for _ in range(2000):
        text = generator.choice(["", " "]).join(generator.choices(PIECES, k=generator.randint(0, 12)))
        answer = separate(text, reasoning)
        assert answer is None or answer in text
        if reasoning.prefilled and not any(end in text for end in ("</think>", "[/THINK]", "<channel|>")):
            assert answer is None
        if not any(mark in text for mark in ("think>", "THINK]", "channel")) and not reasoning.prefilled:
            assert answer == text
