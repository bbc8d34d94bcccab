"""Styles of answers, from generations and from published files."""

from __future__ import annotations

import json
from pathlib import Path

from snakeval.arena.answer_styles import answer_styles, published_styles
from snakeval.schema import Reasoning
from snakeval.statistics.style import Style, style_of
from snakeval.system.tables import write_rows
from snakeval.types import Generation

TEXT = "# Head\n\n- one\n2. two\n**bold** __too__\n```\n# not a header\n- nor an item\n```\n"


def test_markdown_outside_of_code() -> None:
    assert style_of(TEXT, 50) == Style(50, 1, 2, 2)


def test_tokens_of_reasoning_do_not_count(tmp_path: Path) -> None:
    """Half of the characters are reasoning, so half of the tokens are the answer's."""
    thought = "<think>" + "x" * 86 + "</think>"
    answer = "y" * len(thought)
    rows = [
        Generation("q", 0, "d", (), 0, thought + answer, None, "stop", 9, 100, 1.0),
        Generation("q", 1, "d", (), 0, "another sample", None, "stop", 9, 100, 1.0),
        Generation("r", 0, "d", (), 0, "plain", None, "stop", 9, 7, 1.0),
        Generation("s", 0, "d", (), 0, None, None, None, None, None, None, error="gone"),
    ]
    write_rows(tmp_path / "m.parquet", Generation, rows)
    found = answer_styles(tmp_path / "m.parquet", "m", Reasoning())
    assert found == {("q", "m"): Style(50.0, 0, 0, 0), ("r", "m"): Style(7.0, 0, 0, 0)}


def test_published_answers(tmp_path: Path) -> None:
    turns = [{"content": TEXT, "token_len": 50}]
    rows = [{"question_id": "q", "model_id": "x", "choices": [{"turns": turns}]}]
    rows.append({"question_id": "r", "model_id": "x", "choices": [{"turns": [{"content": "uncounted"}]}]})
    path = tmp_path / "gpt.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert published_styles(path) == {("q", "gpt"): Style(50, 1, 2, 2)}
