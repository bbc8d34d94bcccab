"""Problems made of rows, and every fault of a benchmark at once."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from snakeval.problems.prepare import PrepareError, prepare
from snakeval.schema import Benchmark
from snakeval.system.tables import read_rows
from snakeval.types import Problem

ROWS = [
    '{"id": "p1", "problem": "1 + 1?", "answer": 2, "level": {"n": 1}}',
    '{"id": "p2", "problem": "Half?", "answer": 0.50, "level": null}',
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "solve.jinja").write_text("Solve.\n\n{{ problem }}\n")
    (tmp_path / "system.jinja").write_text("Be {{ id }}.\n")
    write(tmp_path, ROWS)
    return tmp_path


def write(root: Path, lines: list[str]) -> None:
    (root / "rows.jsonl").write_text("\n".join(lines) + "\n")


def benchmark(**keys: Any) -> Benchmark:
    return Benchmark.model_validate({"source": {"file": "rows.jsonl"}, "prompt": "solve.jinja", **keys})


def problems(root: Path, **keys: Any) -> list[Problem]:
    output = root / "results" / "problems" / "x.parquet"
    count = prepare("x", benchmark(**keys), root, output)
    rows = list(read_rows(output, Problem))
    assert len(rows) == count
    return rows


def faults(root: Path, **keys: Any) -> list[str]:
    output = root / "x.parquet"
    with pytest.raises(PrepareError) as caught:
        prepare("x", benchmark(**keys), root, output)
    assert not output.exists()
    lines = str(caught.value).split("\n")
    assert all(line.startswith("config/benchmarks/x.yaml: ") for line in lines)
    return [line.removeprefix("config/benchmarks/x.yaml: ") for line in lines]


def test_problems(root: Path) -> None:
    first, second = problems(root, fields={"problem_id": "id"}, system="system.jinja")
    assert first == Problem(
        problem_id="p1",
        messages=(
            {"role": "system", "content": "Be p1."},
            {"role": "user", "content": "Solve.\n\n1 + 1?"},
        ),
        reference="2",
        metadata='{"level": {"n": 1}, "problem": "1 + 1?"}',
    )
    assert (second.problem_id, second.reference) == ("p2", "0.50")
    assert json.loads(second.metadata) == {"level": None, "problem": "Half?"}


def test_without_ids_and_references(root: Path) -> None:
    rows = problems(root, fields={"reference": None})
    assert [row.problem_id for row in rows] == ["0", "1"]
    assert [row.reference for row in rows] == [None, None]
    assert json.loads(rows[1].metadata) == {"id": "p2", "answer": 0.5, "level": None, "problem": "Half?"}


@pytest.mark.parametrize(("limit", "ids"), [(1, ["p1"]), (2, ["p1", "p2"]), (3, ["p1", "p2"])])
def test_limit(limit: int, ids: list[str], root: Path) -> None:
    assert [row.problem_id for row in problems(root, limit=limit, fields={"problem_id": "id"})] == ids


def test_limit_comes_before_the_checks(root: Path) -> None:
    write(root, [*ROWS, '{"id": "p1", "problem": "", "answer": null}'])
    assert len(problems(root, limit=2, fields={"problem_id": "id"})) == 2


def test_the_prompt_sees_columns_under_their_names(root: Path) -> None:
    (root / "solve.jinja").write_text("{{ question }}={{ problem }} {{ tests | join(' ') }}")
    write(root, ['{"question": "q", "problem": "number 7", "tests": ["a", "b"], "golden": "4"}'])
    fields = {"problem": "question", "reference": "golden"}
    (row,) = problems(root, fields=fields)
    assert row.messages == ({"role": "user", "content": "q=q a b"},)
    assert row.reference == "4"


def test_the_prompt_never_sees_the_golden_answer(root: Path) -> None:
    (root / "solve.jinja").write_text("{{ problem }} is {{ golden }}")
    write(root, ['{"problem": "2 + 2", "golden": "4"}'])
    with pytest.raises(PrepareError, match=r"no field 'golden'"):
        problems(root, fields={"reference": "golden"})


# (value in a JSON row, reference)
REFERENCES = [
    ('"0.50"', "0.50"),
    ("0.50", "0.50"),
    ("7", "7"),
    ("0", "0"),
    ("-0.0", "-0.0"),
    ("true", "true"),
    ('" a "', " a "),
    ('["ä", 1]', '["ä", 1]'),
]


@pytest.mark.parametrize(("value", "reference"), REFERENCES)
def test_reference(value: str, reference: str, root: Path) -> None:
    write(root, [f'{{"problem": "x", "answer": {value}}}'])
    assert problems(root)[0].reference == reference


def test_parquet_values(root: Path) -> None:
    row = {
        "problem": "x",
        "answer": Decimal("0.50"),
        "day": datetime.date(2025, 1, 2),
        "score": float("nan"),
        "image": {"bytes": b"\x00\xff"},
    }
    pq.write_table(pa.Table.from_pylist([row]), root / "rows.parquet")
    (problem,) = problems(root, source={"file": "rows.parquet"})
    assert problem.reference == "0.50"
    metadata = json.loads(problem.metadata)
    assert metadata == {"day": "2025-01-02", "score": None, "image": {"bytes": "AP8="}, "problem": "x"}


def test_empty(root: Path) -> None:
    (root / "rows.jsonl").write_text("\n")
    assert faults(root) == ["source: the data set is empty"]


COLUMNS = [
    ({"problem": "problm"}, "fields.problem: no column 'problm' (did you mean 'problem'?); columns: id, "),
    ({"problem_id": "uid"}, "fields.problem_id: no column 'uid' (did you mean 'id'?)"),
    (
        {"reference": "solution"},
        "fields.reference: no column 'solution'; columns: id, problem, answer, level; set",
    ),
]


@pytest.mark.parametrize(("fields", "start"), COLUMNS)
def test_missing_column(fields: dict[str, str], start: str, root: Path) -> None:
    (fault,) = faults(root, fields=fields)
    assert fault.startswith(start)


def test_all_faults_of_the_rows_at_once(root: Path) -> None:
    write(
        root,
        [
            '{"id": "a", "problem": "x", "answer": "1"}',
            '{"id": "b", "problem": " ", "answer": "1"}',
            '{"id": "a", "problem": "x", "answer": ""}',
            '{"id": "c", "problem": 5, "answer": null}',
            '{"id": null, "problem": "x", "answer": "1"}',
            '{"id": "d", "problem": "x"}',
        ],
    )
    assert faults(root, fields={"problem_id": "id"}) == [
        "fields.problem_id: empty: row 4 (counted from 0)",
        "fields.problem_id: must differ from row to row, these do not: 'a': rows 0, 2 (counted from 0)",
        "fields.problem: 'problem' is empty or no text: rows 1, 3 (counted from 0)",
        "fields.reference: 'answer' is empty: rows 2, 3, 5 (counted from 0)",
    ]


def test_long_lists_are_cut(root: Path) -> None:
    write(root, [f'{{"id": {i // 2}, "problem": "", "answer": "1"}}' for i in range(40)])
    duplicates, empty = faults(root, fields={"problem_id": "id"})
    assert duplicates.endswith("'7': rows 14, 15 (counted from 0); and 12 more")
    assert empty.endswith("rows 0, 1, 2, 3, 4, 5, 6, 7 and 32 more (counted from 0)")


def test_faults_of_prompts_and_source_at_once(root: Path) -> None:
    (root / "solve.jinja").write_text("{{ problem }} {{ reference }}")
    found = faults(root, system="absent.jinja", fields={"reference": "x"})
    assert [fault.split(":")[0] for fault in found] == ["prompt", "system", "fields.reference"]
    assert "never shown" in found[0]
    (root / "rows.jsonl").write_text("{\n")
    assert faults(root)[0].startswith(f"source: {root}/rows.jsonl, line 1: not JSON")


def test_a_column_called_reference_is_not_shown(root: Path) -> None:
    write(root, ['{"problem": "x", "reference": "secret"}'])
    (root / "solve.jinja").write_text("{% if reference is defined %}{{ reference }}{% endif %}{{ problem }}")
    (fault,) = faults(root, fields={"reference": "reference"})
    assert "never shown" in fault
    (root / "solve.jinja").write_text("{{ problm }}")
    (fault,) = faults(root, fields={"reference": "reference"})
    assert "available: problem: row 0" in fault


FIELD_FAULTS = [
    (
        "{{ problm }}",
        "no field 'problm' (did you mean 'problem'?); available: id, level, problem: rows 0, 1",
    ),
    ("{{ level }}", "field 'level' has no value (null): row 1 (counted from 0)"),
    ("{% if id == 'p1' %}{{ problem }}{% endif %}", "renders to nothing: row 1 (counted from 0)"),
]


@pytest.mark.parametrize(("text", "words"), FIELD_FAULTS)
def test_fields_of_the_prompt(text: str, words: str, root: Path) -> None:
    (root / "solve.jinja").write_text(text)
    (fault,) = faults(root)
    assert fault.startswith(f"{root}/solve.jinja: {words}")


def test_metadata_that_is_no_json(root: Path) -> None:
    write(root, ['{"problem": "x", "answer": "1", "huge": 1e999}'])
    (fault,) = faults(root)
    assert fault.startswith("source: a column can't be kept as JSON")


# A column's value as JSON spells it, and whether it can be sent.
SURROGATES = [
    ("problem", r"Half \ud83d?", False),
    ("problem", r"\udc00\ud83d", False),
    ("problem", r"Whole \ud83d\ude00?", True),
    ("problem", r"\\ud83d", True),
    ("id", r"p\udfff", False),
    ("answer", r"\ud800", False),
    ("level", r"\udbff", False),
    (r"le\ud800vel", "1", False),
    ("level", "\ufffd", True),
]


@pytest.mark.parametrize(("column", "value", "sendable"), SURROGATES)
def test_a_row_with_half_of_a_surrogate_pair_is_named(
    column: str, value: str, sendable: bool, root: Path
) -> None:
    second = {"id": "p2", "problem": "Half?", "answer": "0.50", column: value}
    write(root, [ROWS[0], "{" + ", ".join(f'"{key}": "{text}"' for key, text in second.items()) + "}"])
    keys = {"fields": {"problem_id": "id"}}
    if sendable:
        assert len(problems(root, **keys)) == 2
        return
    (fault,) = faults(root, **keys)
    assert fault.startswith("source: a text has half of a UTF-16 surrogate pair")
    assert fault.endswith(": row 1 (counted from 0)")
