"""Worked examples before a problem, and golden answers of several forms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from snakeval.answers.extract import ALTERNATIVE
from snakeval.problems.asked import normalised
from snakeval.problems.prepare import PrepareError, prepare
from snakeval.schema import Benchmark
from snakeval.system.tables import read_rows
from snakeval.types import Problem

EXAMPLES = [{"q": "1 + 1?", "said": "2."}, {"q": "2 + 2?", "said": "4."}, {"q": "3 + 3?", "said": ""}]


def prepared(root: Path, rows: list[dict[str, Any]], **keys: Any) -> list[Problem]:
    (root / "rows.json").write_text(json.dumps(rows))
    (root / "shots.json").write_text(json.dumps(EXAMPLES))
    (root / "solve.jinja").write_text("Q: {{ problem }}\nA:")
    (root / "system.jinja").write_text("Be brief.")
    base = {"source": {"file": "rows.json"}, "fields": {"problem": "q"}, "prompt": "solve.jinja"}
    prepare("x", Benchmark.model_validate({**base, **keys}), root, root / "out.parquet")
    return list(read_rows(root / "out.parquet", Problem))


ROWS = [{"q": "4 + 4?", "answer": "8"}]
SHOTS = {"source": {"file": "shots.json"}, "n": 2, "response": "said"}


def test_turns(tmp_path: Path) -> None:
    (problem,) = prepared(tmp_path, ROWS, few_shot=SHOTS, system="system.jinja")
    assert [(turn["role"], turn["content"]) for turn in problem.messages] == [
        ("system", "Be brief."),
        ("user", "Q: 1 + 1?\nA:"),
        ("assistant", "2."),
        ("user", "Q: 2 + 2?\nA:"),
        ("assistant", "4."),
        ("user", "Q: 4 + 4?\nA:"),
    ]


@pytest.mark.parametrize(("endpoint", "role"), [("chat", "user"), ("completions", "completion")])
def test_one_text(endpoint: str, role: str, tmp_path: Path) -> None:
    (problem,) = prepared(tmp_path, ROWS, few_shot={**SHOTS, "form": "text"}, endpoint=endpoint)
    text = "Q: 1 + 1?\nA: 2.\n\nQ: 2 + 2?\nA: 4.\n\nQ: 4 + 4?\nA:"
    assert problem.messages == ({"role": role, "content": text},)


FAULTS = [
    ({**SHOTS, "n": 4}, r"few_shot\.n: 4 examples wanted, the source has 3"),
    ({**SHOTS, "n": 3}, r"few_shot\.response: an example has no text in 'said'"),
    ({**SHOTS, "source": {"file": "none.json"}}, r"few_shot\.source: .*none\.json: no such file"),
]


@pytest.mark.parametrize(("few_shot", "words"), FAULTS)
def test_faults(few_shot: dict[str, Any], words: str, tmp_path: Path) -> None:
    with pytest.raises(PrepareError, match=words):
        prepared(tmp_path, ROWS, few_shot=few_shot)


# (form, the column, the reference or words of the fault)
FORMS = [
    ("whole", r"so \boxed{4}", r"so \boxed{4}"),
    ("boxed", r"first \boxed{3}, so \boxed{\frac{1}{2}}.", r"\frac{1}{2}"),
    ("hashes", "2 * 3 = <<2*3=6>>6\n#### 1,000", "1,000"),
    ("any_of", ["9.6\n", "9.60"], ALTERNATIVE.join(["9.6", "9.60"])),
    ("any_of", ["4", "4\n"], "4"),
    ("all_of", ["$2$", "$3$"], "$2$, $3$"),
    ("all_of", ["7"], "7"),
]


@pytest.mark.parametrize(("form", "value", "reference"), FORMS)
def test_reference_form(form: str, value: object, reference: str, tmp_path: Path) -> None:
    fields = {"problem": "q", "reference_form": form}
    (problem,) = prepared(tmp_path, [{"q": "?", "answer": value}], fields=fields)
    assert problem.reference == reference


FORM_FAULTS = [
    ("boxed", "4", "'answer' has no answer of the form 'boxed': row 0"),
    ("hashes", "4", "'answer' has no answer of the form 'hashes': row 0"),
    ("any_of", "4", "'answer' is no list: row 0"),
    ("all_of", [" "], "fields.reference: 'answer' is empty: row 0"),
]


@pytest.mark.parametrize(("form", "value", "words"), FORM_FAULTS)
def test_reference_form_fault(form: str, value: object, words: str, tmp_path: Path) -> None:
    fields = {"problem": "q", "reference_form": form}
    with pytest.raises(PrepareError) as raised:
        prepared(tmp_path, [{"q": "?", "answer": value}], fields=fields)
    assert words in str(raised.value)


# (a problem, an example's, whether they are the same)
SAME = [
    ("1 + 1?", "1+1?", True),
    ("What is  1 + 1 ?", "what is 1 + 1", True),
    ("Find $x$ if $x = 2$.", r"Find \(x\) if \(x = 2\).", True),
    ("Tom\u2019s 3\u20134 apples", "Tom's 3-4 apples", True),
    ("Natalia sold clips.\nHow many?", "Natalia sold clips. How many?", True),
    ("\ufeffCaf\u00e9", "cafe\u0301", True),
    ("\uff11\uff12 apples", "12 apples", True),
    (r"a\,b", "ab", True),
    ("1 + 1?", "1 - 1?", False),
    ("1 + 1?", "1 + 11?", False),
    ("3! = ?", "3 = ?", False),
    ("Find x.", "Find y.", False),
    ("x = 1.5", "x = 15", False),
    ("Is it so?", "Is it so? Why?", False),
    ("2 * 3", "2 / 3", False),
]


@pytest.mark.parametrize(("one", "other", "same"), SAME)
def test_the_same_problem(one: str, other: str, same: bool) -> None:
    assert (normalised(one) == normalised(other)) is same


def shots(root: Path, problem: str, n: int, **few_shot: Any) -> list[str]:
    """What stands before a problem."""
    (asked,) = prepared(root, [{"q": problem, "answer": "8"}], few_shot={**SHOTS, "n": n, **few_shot})
    return [turn["content"] for turn in asked.messages if turn["role"] == "assistant"]


def test_no_example_is_the_problem(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert shots(tmp_path, "4 + 4?", 1) == ["2."]
    assert caplog.messages == []
    # The next takes the place of the one that is asked; an example without a response takes none.
    assert shots(tmp_path, "1  +  1", 1) == ["4."]
    assert shots(tmp_path, "2+2?", 2) == ["2."]
    assert shots(tmp_path, "2 + 2?", 1) == ["2."]
    said = [message for message in caplog.messages if "few_shot" in message]
    assert len(said) == 2
    assert "row 0 of the examples" in said[0]
    assert "row 1 of the examples" in said[1]


def test_only_the_problem_that_is_an_example_has_others(tmp_path: Path) -> None:
    rows = [{"q": "9 + 9?", "answer": "18"}, {"q": "1+1?", "answer": "2"}]
    first, second = prepared(tmp_path, rows, few_shot={**SHOTS, "n": 1, "form": "text"})
    assert first.messages[0]["content"] == "Q: 1 + 1?\nA: 2.\n\nQ: 9 + 9?\nA:"
    assert second.messages[0]["content"] == "Q: 2 + 2?\nA: 4.\n\nQ: 1+1?\nA:"
