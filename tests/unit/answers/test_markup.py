"""Answers in tags, JSON and Markdown, and behind `####` wherever it stands."""

from __future__ import annotations

import pytest

from snakeval.answers.extract import Extraction, extract, hashed, strict
from snakeval.answers.markup import in_json, plain, tagged

MARKED = [
    ("Reasoning with 9. <answer>8</answer>", "8"),
    ("<answer>8</answer>", "8"),
    ("<final_answer>8</final_answer>", "8"),
    ("<Final Answer>\n8\n</Final Answer>", "8"),
    ("<ANSWER> **8** </ANSWER>", "8"),
    ("<answer>9</answer> wait <answer>8</answer>", "8"),
    ("<answer>The answer is 8.</answer>", "8"),
    ("<answer>Answer: 8</answer>", "8"),
    (r"\boxed{9} is wrong. <answer>8</answer>", "8"),
    ("<answer>8</answer> (in the <answer> tags, as you asked\nme to)", "8"),
    ("#### 9\n<answer>8</answer>", "8"),
    ('{"answer": "8"}', "8"),
    ('Reasoning with 9. {"reasoning": "1 + 7", "answer": 8}', "8"),
    ('```json\n{"final_answer": "8"}\n```', "8"),
    ('{"answer": "9"}\n{"answer": "8"}', "8"),
    ('{"answer": 0.10}', "0.10"),
    ("{'answer': '8'}", "8"),
    ("{'answer': 8}", "8"),
    ("It is 9. {'answer': '8", ""),
    ('{"answer": [1, 2]}', "1, 2"),
    (r'{"answer": "\\frac{1}{2}"}', r"\frac{1}{2}"),
    (r'{"answer": "\frac{1}{2}"}', r"\frac{1}{2}"),
    ('{"answer": "The answer is 8."}', "8"),
    # an empty or cut one has no answer, and what came before it is none
    ("It is 9. <answer></answer>", ""),
    ("It is 9. <answer>...</answer>", ""),
    ("It is 9. <answer>8", ""),
    ("<answer>9</answer> or rather <answer>", ""),
    ('It is 9. {"answer": "8', ""),
    ('It is 9. {"answer": 8', ""),
    ('{"answer": null}', ""),
    ('{"answer": 8/3}', ""),
]
BARE = [
    ("**5**", "5"),
    ("`5`", "5"),
    ("- 5", "5"),
    ("* 5", "5"),
    ("\u2022 5", "5"),
    ("*5*", "5"),
    ("__5__", "5"),
    ("**5**.", "5"),
    ("**`5`**", "5"),
    ("# 5", "5"),
    ("```\n5\n```", "5"),
    ("```latex\n\\frac{1}{2}\n```", r"\frac{1}{2}"),
    ("- 5\n- 6", "5, 6"),
    ("-5", "-5"),
    ("2*3*4", "2*3*4"),
    ("**2** * **3**", "**2** * **3**"),
    ("x_1", "x_1"),
]
NEITHER = [
    "I will use <answer> and </ answer> tags.\nThen it is some number.",
    'Write it under the key "answer": please.',
    "**Note** it is **bold**",
    "- one of them\n- the other",
    "```python\nprint(5)\n```",
    "</answer> it is closed",
]
HASHES = [
    ("He has 41 points. #### 41", "41"),
    ("####5", "5"),
    ("so 7.####5", "5"),
    ("#### 41.", "41"),
    ("#### **41**", "41"),
    ("**#### 41**", "41"),
    ("#### -$3,800", "-3,800"),
    ("#### $18", "$18"),
    ("#### 1,234 eggs", "1,234 eggs"),
    ("#### 41. So he has 41 of 50.", "41"),
    ("#### 3 #### 4", "4"),
    ("#### 41</s>", "41"),
    ("#### 41 <|im_end|><|endoftext|>", "41"),
    ("#### 3\n5 apples. #### 4\nThat is it.", "4"),
    ("####\n41", "41"),
    ("#### Answer: 41", "41"),
    ("#### The answer is 41.", "41"),
    ("#### 1/2 hours", "1/2 hours"),
    ("#### x^2 + 1", "x^2 + 1"),
    ("#### 3\n#### 2. Adding up\nThat is it.", "3"),
    # headings, other numbers of hashes, prose
    ("#### 2. Adding up\nIt is so.", None),
    ("#### 1) **First** step\nIt is so.", None),
    ("#### 1.2. First step\nIt is so.", None),
    ("#### Step 2: compute\nIt is so.", None),
    ("#### 3.3 Loss Function\nIt is so.", None),
    ("#### 2\\. Adding up\nIt is so.", None),
    ("#### 3.3 meters\nIt is so.", "3.3 meters"),
    ("#### 3.3 Meters", "3.3 Meters"),
    ("##### 5", None),
    ("### 5", None),
    (r"\#### 5", None),
    ("Put it behind #### please.", None),
    ("####\nSo it is some number", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "answer"), MARKED)
def test_marked(text: str, answer: str) -> None:
    assert extract(text) == Extraction(answer, "marked")


@pytest.mark.parametrize(("text", "answer"), BARE)
def test_the_whole_text(text: str, answer: str) -> None:
    assert extract(text) == Extraction(answer, "bare")
    assert plain(text) == answer


@pytest.mark.parametrize("text", NEITHER)
def test_what_is_no_answer(text: str) -> None:
    assert extract(text) is None
    assert tagged(text) is None
    assert in_json(text) is None


@pytest.mark.parametrize(("text", "answer"), HASHES)
def test_hashes(text: str, answer: str | None) -> None:
    assert hashed(text) == answer
    assert strict(text, ["hashes"]) == (Extraction(answer, "marked") if answer else None)


def test_a_box_in_a_tag_or_behind_one_is_the_answer() -> None:
    assert extract(r"<answer>so it is \boxed{8}</answer>") == Extraction("8", "boxed")
    assert extract(r"<answer>9</answer> No: \boxed{8}") == Extraction("8", "boxed")
