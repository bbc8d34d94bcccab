"""Corrections of values and of a file's text: made only where they fit, and named in the problems."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from snakeval.problems.prepare import PrepareError, prepare
from snakeval.schema import Benchmark, Correction
from snakeval.system.tables import read_rows
from snakeval.types import Problem

BROKEN = 'id,problem,answer,topic\na,"1 + 1,\n,"2",sums\nb,2 + 2?,5,sums\n'


def correction(problem_id: str, column: str | None, old: str, new: str) -> Correction:
    return Correction(problem_id=problem_id, column=column, old=old, new=new, reason="a slip", source="here")


QUOTE = correction("a", None, '"1 + 1,\n,"2"', '"1 + 1","2"')
VALUE = correction("b", "answer", "5", "4")


def run(root: Path, corrections: list[Correction], **keys: Any) -> list[Problem]:
    (root / "rows.csv").write_text(BROKEN)
    (root / "solve.jinja").write_text("{{ problem }}")
    chosen = Benchmark.model_validate(
        {
            "source": {"file": "rows.csv", "rows": 2},
            "fields": {"problem_id": "id"},
            "prompt": "solve.jinja",
            **keys,
        }
    )
    prepare("x", chosen, root, root / "out.parquet", corrections)
    return list(read_rows(root / "out.parquet", Problem))


def test_a_broken_record_is_named_and_never_read_as_another(tmp_path: Path) -> None:
    with pytest.raises(PrepareError, match=r"rows\.csv, line 2 \('a'\): not CSV: ',' expected after '\"'"):
        run(tmp_path, [])


def test_what_is_corrected_says_so(tmp_path: Path) -> None:
    first, second = run(tmp_path, [QUOTE, VALUE])
    assert [(row.messages[0]["content"], row.reference) for row in (first, second)] == [
        ("1 + 1", "2"),
        ("2 + 2?", "4"),
    ]
    for row in (first, second):
        assert json.loads(row.metadata)["corrected"] == [{"reason": "a slip", "source": "here"}]


def test_without_a_correction_nothing_is_changed_or_marked(tmp_path: Path) -> None:
    _, second = run(tmp_path, [QUOTE])
    assert second.reference == "5"
    assert "corrected" not in json.loads(second.metadata)


MISFITS = [
    (correction("a", None, "3 + 3", ""), r"'a' wants a text that is there 0 times"),
    (correction("b", None, "sums", ""), r"'b' wants a text that is there 2 times"),
]


@pytest.mark.parametrize(("wrong", "words"), MISFITS)
def test_a_text_that_is_not_there_once(wrong: Correction, words: str, tmp_path: Path) -> None:
    with pytest.raises(PrepareError, match=words):
        run(tmp_path, [wrong])


def test_a_value_that_is_another(tmp_path: Path) -> None:
    words = r"corrections: the correction of 'b' replaces '6' in 'answer', where the source has '5'"
    with pytest.raises(PrepareError, match=words):
        run(tmp_path, [QUOTE, correction("b", "answer", "6", "4")])


def test_problems_need_names(tmp_path: Path) -> None:
    with pytest.raises(PrepareError, match=r"fields\.problem_id must name a column"):
        run(tmp_path, [QUOTE], fields={})


def test_rows_are_counted_and_chosen(tmp_path: Path) -> None:
    chosen = {"file": "rows.csv", "where": {"id": "[b-z]"}, "rows": 1}
    (row,) = run(tmp_path, [QUOTE, VALUE], source=chosen)
    assert (row.problem_id, row.reference) == ("b", "4")
    with pytest.raises(PrepareError, match=r"1 of 2 rows, source\.rows says 2"):
        run(tmp_path, [QUOTE], source={**chosen, "rows": 2})
    with pytest.raises(PrepareError, match=r"no column 'level'"):
        run(tmp_path, [QUOTE], source={**chosen, "where": {"level": "1"}})
