"""Arena-Hard's files: both layouts of answers and judgments, both ways, and what is no such file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from snakeval.arena.exchange import import_judgments, official_judgment, our_judgment
from snakeval.exchange import main
from snakeval.formats.arena_hard import (
    OfficialAnswer,
    OfficialError,
    answer_line,
    markdown,
    read_answers,
)
from snakeval.generation.recorded import MISSING, import_answers
from snakeval.schema import Source
from snakeval.system.tables import read_rows, write_rows
from snakeval.types import Generation, Problem

CHAT = [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]
V2_0: dict[str, Any] = {
    "uid": "q1",
    "category": "hard_prompt",
    "judge": "j",
    "model": "m",
    "baseline": "b",
    "games": [{"score": "A<B", "judgment": {"answer": "[[A<B]]"}, "prompt": CHAT}, None],
}
V0_1: dict[str, Any] = {
    "question_id": "q1",
    "model": "m",
    "judge": "j",
    "games": [
        {"user_prompt": "u", "judgment": "[[A>B]]", "score": "A>B"},
        {"user_prompt": "u", "judgment": "?", "score": None},
    ],
}


def test_judgments_of_v2_0() -> None:
    ours = our_judgment(V2_0, "other")
    assert (ours["question_id"], ours["baseline"]) == ("q1", "b")
    first, second = ours["games"]
    assert (first["score"], first["stored_score"], first["judgment"]) == ("B>A", "A<B", "[[A<B]]")
    assert (second["score"], second["judgment"], second["swapped"]) == (None, None, True)
    assert second["error"] is not None  # it was not played, which is not a verdict that can't be read
    assert official_judgment(ours, "v2.0") == V2_0


def test_judgments_of_v0_1() -> None:
    ours = our_judgment(V0_1, "b")
    assert [(g["score"], g["error"], g["swapped"]) for g in ours["games"]] == [
        *(("A>B", None, False), (None, None, True)),
    ]
    assert (ours["baseline"], ours["tokens"], ours["category"]) == ("b", 0, None)
    assert official_judgment(ours, "v0.1") == V0_1


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "line 1: not JSON"),
        ("[]", "line 1: not an object"),
        (json.dumps({**V0_1, "games": V0_1["games"][:1]}), "line 1: no judgment"),
        (json.dumps({"uid": "q"}), "KeyError"),
    ],
)
def test_no_judgments(line: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "m.jsonl").write_text(line + "\n")
    with pytest.raises(OfficialError, match=words):
        list(import_judgments(tmp_path / "m.jsonl", "b"))


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "judge").mkdir()
    (tmp_path / "judge" / "m.jsonl").write_text(json.dumps(V2_0) + "\n")
    (tmp_path / "answers").mkdir()
    answer = answer_line(OfficialAnswer("q1", "m", "text", 5, "asked"), "v2.0", 1.0)
    (tmp_path / "answers" / "m.jsonl").write_text(json.dumps(answer) + "\n")
    arguments = ["import", str(tmp_path / "judge"), str(tmp_path / "ours"), "--baseline", "b"]
    assert main([*arguments, "--answers", str(tmp_path / "answers")]) == 0
    assert json.loads((tmp_path / "ours" / "m.jsonl").read_text())["tokens"] == 5
    assert main(["import", str(tmp_path / "none"), str(tmp_path / "ours"), "--baseline", "b"]) == 1
    assert "no *.jsonl in it" in capsys.readouterr().err


def test_line_separators_in_texts(tmp_path: Path) -> None:
    answer = OfficialAnswer("q1", "m", "one\u2028two\x85three", None, "asked")
    (tmp_path / "m.jsonl").write_text(
        json.dumps(answer_line(answer, "v2.0", 1.0), ensure_ascii=False), encoding="utf-8"
    )
    assert list(read_answers(tmp_path / "m.jsonl")) == [answer]


def test_markdown() -> None:
    text = "# One\n## Two\n- a\n  1. b\n**bold** __too__\n```\n# not\n- counted\n**here**\n```\n"
    assert markdown(text) == {
        "header_count": {"h1": 1, "h2": 1, "h3": 0, "h4": 0, "h5": 0, "h6": 0},
        "list_count": {"ordered": 1, "unordered": 1},
        "bold_count": {"**": 1, "__": 1},
    }


def recorded(folder: Path, *answers: OfficialAnswer) -> list[Generation]:
    """The generations made from answers to two questions."""
    asked = [Problem(name, ({"role": "user", "content": f"{name}?"},), None) for name in ("q1", "q2")]
    write_rows(folder / "problems.parquet", Problem, asked)
    lines = [json.dumps(answer_line(answer, "v2.0", 1.0)) for answer in answers]
    (folder / "m.jsonl").write_text("\n".join(lines))
    output = folder / "generations.parquet"
    import_answers(Source(file="m.jsonl"), folder, folder / "problems.parquet", output)
    return list(read_rows(output, Generation))


def test_recorded_answers(tmp_path: Path) -> None:
    first, second = recorded(tmp_path, OfficialAnswer("q2", "m", "yes", 3, "q2?"))
    assert (first.problem_id, first.text, first.error) == ("q1", None, MISSING)
    assert (second.text, second.completion_tokens, second.finish_reason) == ("yes", 3, "stop")
    assert second.error is None


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([("q1", "q1?"), ("q1", "q1?")], "answered twice"),
        ([("q9", "q9?")], "answers none of the 2 problems"),
        ([("q1", "something else?")], "the answer to 'q1' is to another text, 'something else"),
    ],
)
def test_answers_to_something_else(answers: list[tuple[str, str]], words: str, tmp_path: Path) -> None:
    with pytest.raises(OfficialError, match=words):
        recorded(tmp_path, *(OfficialAnswer(name, "m", "text", None, asked) for name, asked in answers))
