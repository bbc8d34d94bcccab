"""Which option an answer picks: spellings, refusals, hedges, words that only look like a letter."""

from __future__ import annotations

import pytest

from snakeval.answers.choices import LETTERS, choice

ALONE = [
    "C",
    " C\n",
    "C.",
    "(C)",
    "(C).",
    "[C]",
    "C)",
    "C:",
    "$C$",
    r"\(C\)",
    "**C**",
    "**(C)**",
    "`C`",
    "_C_",
    r"\text{C}",
    r"\text{C. }",
    r"\text{(C)}",
    r"\mathsf{C}",
    r"\mathrm{(C)}",
    r"\textbf{C}",
    r"\textbf{(C)}",
    r"\textbf{(C) }42",
    r"$\textbf{(C)}\ 42$",
    r"\textbf{(C)}~\frac{1}{2}",
    "C) 42",
    "(C) 42",
    "(C)42",
    "C: 42",
    "C. 42",
    "C - 42",
    "C. Paris",
    "C. It can't be seen: 4.",
    "Option C",
    "option (C)",
    "The answer is C",
    "Answer: C",
    "- C",
]
SAID = [
    "The answer is C.",
    "The correct answer is: (C)",
    "The correct answer is **C. Paris**.",
    "The best option is (C), which is Paris.",
    "Thus the answer is $C$.",
    "The answer is $\\textbf{(C) }42$.",
    "The answer would be C because it is larger.",
    "ANSWER:C\n\nExplanation: A) is too small.",
    "Final Answer: C\nConfidence: 90",
    "**Answer:** (C)",
    "Answer: Option C",
    "I choose C.",
    "Option C is correct.",
    "Therefore option (C) is the right answer.",
    "Is the answer A? No, the answer is C.",
    "(A) is too small. The answer is (C).",
    "The answer is C, not D.",
    "The answer is:\n\nC",
    "It is \\boxed{\\frac67}. The answer is C",
    "Let me think.\n\nC",
    "Let me think: A is 3.\n\n**(C)**",
    "C. Paris\n\nA is wrong, since it is London.",
    "A: C",
    "so $\\boxed{C}$",
    "\\boxed{\\text{Option C}}",
    "\\boxed{\\textbf{(C) }42}",
    "\\boxed{C) 42}",
    "The answer is A. No: \\boxed{C}",
    "\\boxed{A} No: <answer>C</answer>",
    "<answer>(C) 42</answer>",
    "The answer is C.<EOS_TOKEN>",
    "so answer (C).",
    "(C) is correct.",
    "C is the correct answer, since A is too small.",
    "\uff08C\uff09 42",
    "Answer\uff1aC",
    '{"answer": "C"}',
    "\\boxed{(\\mathbf{C})}",
    "\\boxed{\\textbf{(C)}\\ 42}",
    "{'answer': 'C'}",
    '{"reasoning": "A or B?", "final_answer": "(C)"}',
    '{"answer": "C. Paris", "rejected": "D"}',
    "'C'",
    "The answer is 'C'.",
    "<b>C</b>",
    "C<|im_end|>",
    "C<|eot_id|>",
    "Thus, C.",
    "Hence C",
    "It is between A and C.\n\nSo, (C).",
    "Ans: C",
    "It's C.",
    "I'd go with C.",
    "I'll go with option C.",
    "C is the answer.",
    "Option C: 42",
    "C. None of the above",
    "C) Cannot be determined",
    "The answer is C. Cannot be determined.",
]
NONE = [
    "",
    "I can't answer that.",
    "I cannot help with this question.",
    "A: I cannot answer.",
    "C. I don't know.",
    "Answer: I don't know",
    "The answer is I think unclear",
    "None of the above",
    "The answer is (None of the above)",
    "A dog",
    "A is my favourite letter",
    "(A) is wrong.",
    "C is not correct.",
    "B is correct, C is correct.",
    "Statement B is correct.",
    "Plan B is best.",
    "The answer is a dog.",
    "The answer is A dog.",
    "The answer is an apple.",
    "The answer is Canberra.",
    "42",
    "K",
    "(K)",
    "BC",
    "B or C",
    "B, C",
    "(B) and (C)",
    "B/C",
    "Both B and C",
    "The answer is B or C.",
    "The answer is (B) and (C)",
    "The answer is (A, B)",
    "Answer: A) 5, B) 6",
    "A) 3 B) 4 C) 5",
    "A) 3\nB) 4\nC) 5",
    "A\nB\nC",
    "The answer is not C.",
    "The answer is C. Sorry, the answer is not C.",
    "In option (C), the ball falls, so it is heav",
    "Option A: it falls.\nOption B",
    "\\boxed{42}",
    "\\boxed{B, C}",
    "It's a.",
    "It's a trap",
    "So A dog runs.",
    "Thus, A or B.",
    "I'd go with B, or maybe C",
    "C is not the answer.",
    '{"answer": "A or B"}',
    '{"answer": ""}',
    '{"answer": "Paris"}',
    "\\boxed{B} or \\boxed{C}",
    "The answer is \\boxed{C} but rather \\boxed{",
    "The answer is C. <answer></answer>",
    "(a) We first find the volume. It is 5 litres of water. (b) Then" + " we go on" * 20,
]


@pytest.mark.parametrize("text", ALONE + SAID)
def test_c(text: str) -> None:
    assert choice(text) == "C"


@pytest.mark.parametrize("text", ALONE)
def test_the_same_in_a_box_and_in_a_tag(text: str) -> None:
    assert choice(rf"So $\boxed{{{text}}}$.") == "C"
    assert choice(f"So\n<answer>{text}</answer>") == "C"


@pytest.mark.parametrize("text", NONE)
def test_none(text: str) -> None:
    assert choice(text) is None


@pytest.mark.parametrize("letter", LETTERS)
def test_ten_letters(letter: str) -> None:
    texts = [
        letter,
        f"({letter})",
        f"The answer is {letter}.",
        f"{letter}. 42",
        rf"\boxed{{\text{{{letter}}}}}",
    ]
    assert [choice(text) for text in texts] == [letter] * 5


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("b", "b"),
        ("(b) 4", "b"),
        ("the answer is (d)", "d"),
        ("the answer is d", "d"),
        ("No, the answer is d", None),
        ("A: 42", "A"),
    ],
)
def test_case_is_kept_and_a_small_letter_must_be_marked(text: str, letter: str | None) -> None:
    assert choice(text) == letter
