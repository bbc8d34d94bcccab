"""Rows of each kind of file, exactly as they are written there; faults with file and line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from snakeval.answers import patterns
from snakeval.formats.rows import SourceError, SourceFloat, read_file
from snakeval.problems.sources import read_rows
from snakeval.schema import Source

ROWS = [
    {"id": "a", "problem": "1 + 1\n= ?", "answer": "2"},
    {"id": "b", "problem": 'ä, "ö"', "answer": "0.50"},
]


def write(folder: Path, kind: str) -> Path:
    path = folder / f"rows.{kind}"
    if kind == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    elif kind == "json":
        path.write_text(json.dumps(ROWS))
    elif kind == "csv":
        path.write_text('id,problem,answer\na,"1 + 1\n= ?",2\nb,"ä, ""ö""",0.50\n', encoding="utf-8")
    else:
        pq.write_table(pa.Table.from_pylist(ROWS), path)
    return path


KINDS = ["jsonl", "json", "csv", "parquet"]


@pytest.mark.parametrize("kind", KINDS)
def test_same_rows_from_every_kind(kind: str, tmp_path: Path) -> None:
    write(tmp_path, kind)
    assert read_rows(Source(file=f"rows.{kind}"), tmp_path) == ROWS


@pytest.mark.parametrize("kind", KINDS)
def test_format_stands_over_the_suffix(kind: str, tmp_path: Path) -> None:
    path = write(tmp_path, kind).rename(tmp_path / "rows.data")
    assert read_rows(Source.model_validate({"file": str(path), "format": kind}), Path("/elsewhere")) == ROWS
    with pytest.raises(SourceError, match=r"rows\.data: unknown suffix '\.data': set source\.format"):
        read_file(path)


# (text of a JSON value, the text it prints as)
NUMBERS = [
    ("0.50", "0.50"),
    ("1e5", "1e5"),
    ("-0.0", "-0.0"),
    ("34", "34"),
    ("123456789012345678901234567890", "123456789012345678901234567890"),
    ("0.1234567890123456789", "0.1234567890123456789"),
]


@pytest.mark.parametrize(("written", "text"), NUMBERS)
@pytest.mark.parametrize("kind", ["jsonl", "json"])
def test_numbers_print_as_written(written: str, text: str, kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"rows.{kind}"
    path.write_text(f'{{"x": {written}}}' if kind == "jsonl" else f'[{{"x": {written}}}]')
    value = read_file(path)[0]["x"]
    assert str(value) == text
    assert value == json.loads(written)


def test_a_source_float_is_a_number() -> None:
    value = SourceFloat("0.50")
    assert value + 1 == 1.5
    assert json.dumps([value]) == "[0.5]"


ACCEPTED: list[tuple[str, bytes, list[dict[str, Any]]]] = [
    ("blank lines.jsonl", b'\n{"a": 1}\n\n  \n{"a": 2}', [{"a": 1}, {"a": 2}]),
    ("byte order mark.jsonl", b'\xef\xbb\xbf{"a": 1}\n', [{"a": 1}]),
    ("carriage returns.jsonl", b'{"a": 1}\r\n{"a": 2}\r\n', [{"a": 1}, {"a": 2}]),
    ("line separator in a string.jsonl", '{"a": "x\u2028y\x85z"}\n'.encode(), [{"a": "x\u2028y\x85z"}]),
    ("columns that differ.jsonl", b'{"a": 1}\n{"b": 2}\n', [{"a": 1}, {"b": 2}]),
    ("empty.jsonl", b"", []),
    ("empty.json", b"[]", []),
    ("byte order mark.csv", b"\xef\xbb\xbfa,b\n1,2\n", [{"a": "1", "b": "2"}]),
    ("blank line.csv", b"a,b\n\n1,\n", [{"a": "1", "b": ""}]),
    ("large field.csv", b"a\n" + b"x" * 200_000 + b"\n", [{"a": "x" * 200_000}]),
    ("only a header.csv", b"a,b\n", []),
    ("nothing.csv", b"", []),
]


@pytest.mark.parametrize(("name", "content", "rows"), ACCEPTED, ids=[row[0] for row in ACCEPTED])
def test_accepted(name: str, content: bytes, rows: list[dict[str, Any]], tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    assert read_file(tmp_path / name) == rows


REFUSED = [
    ("broken.jsonl", b'{"a": 1}\n\n{"a": \n', r"broken\.jsonl, line 3: not JSON: .* at column 6"),
    ("cut.jsonl", b'{"a": 1}\n{"a": "x', r"cut\.jsonl, line 2: not JSON: Unterminated string"),
    ("two.jsonl", b'{"a": 1} {"a": 2}\n', r"line 1: not JSON: Extra data"),
    ("list.jsonl", b"[1]\n", r"list\.jsonl, line 1: holds a list, expected an object"),
    ("nan.jsonl", b'{"a": NaN}\n', r"nan\.jsonl, line 1: not JSON: NaN"),
    ("latin.jsonl", b'{"a": "\xe4"}\n', r"latin\.jsonl: not UTF-8"),
    ("broken.json", b'[{"a": 1},\n{]', r"broken\.json: not JSON: .*line 2 column 2"),
    ("latin.json", b'[{"a": "\xe4"}]', r"latin\.json: not UTF-8"),
    ("object.json", b'{"a": 1}', r"object\.json: holds a dict, expected a list"),
    ("entry.json", b'[{"a": 1}, 2]', r"entry\.json, entry 1 \(counted from 0\): holds a int"),
    ("many.csv", b'a,b\n"1\n1",2\n1,2,3\n', r"many\.csv, line 4 \('1'\): 3 fields, the header names 2"),
    ("few.csv", b"a,b\n1\n", r"few\.csv, line 2 \('1'\): 1 fields, the header names 2"),
    ("twice.csv", b"a,a\n1,2\n", r"twice\.csv, line 1: column names"),
    ("unnamed.csv", b"a,\n1,2\n", r"unnamed\.csv, line 1: column names"),
    ("quote.csv", b'a,b\n1,2\n"1,2\n', r"quote\.csv, line 3 \('1'\): not CSV"),
    ("text.parquet", b"not parquet", r"text\.parquet: not parquet"),
    ("rows.xlsx", b"", r"unknown suffix '\.xlsx'.*jsonl, json, csv, parquet"),
]


@pytest.mark.parametrize(("name", "content", "match"), REFUSED, ids=[row[0] for row in REFUSED])
def test_refused(name: str, content: bytes, match: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=match):
        read_rows(Source(file=name), tmp_path)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"absent\.jsonl: no such file"):
        read_rows(Source(file="absent.jsonl"), tmp_path)


# What chooses rows by their columns -> the ids of those chosen.
CHOSEN: list[tuple[dict[str, str], list[str]]] = [
    ({}, ["a", "b"]),
    ({"id": "a"}, ["a"]),
    ({"id": "(?i)A|B"}, ["a", "b"]),
    ({"id": "a|bc"}, ["a"]),
    ({"answer": r"\d"}, ["a"]),
    ({"answer": r"[\d.]+", "id": "b"}, ["b"]),
    ({"problem": "(?s).+"}, ["a", "b"]),
    ({"problem": ".+"}, ["b"]),
    ({"id": "a$"}, ["a"]),
    ({"id": "c"}, []),
]


@pytest.mark.parametrize(("where", "ids"), CHOSEN)
def test_rows_whose_values_match_in_full_are_chosen(
    where: dict[str, str], ids: list[str], tmp_path: Path
) -> None:
    write(tmp_path, "jsonl")
    found = read_rows(Source.model_validate({"file": "rows.jsonl", "where": where}), tmp_path)
    assert [row["id"] for row in found] == ids


@pytest.mark.parametrize("pattern", ["(a+)+b", r"(\w+\s?)+x", "(a|aa)+$"])
def test_an_expression_without_an_end_is_given_up(
    pattern: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patterns, "LIMIT_SECONDS", 0.5)
    (tmp_path / "rows.jsonl").write_text(json.dumps({"id": "a" * 60 + "!"}) + "\n")
    with pytest.raises(SourceError, match=r"source\.where\.id: .* takes more than"):
        read_rows(Source.model_validate({"file": "rows.jsonl", "where": {"id": pattern}}), tmp_path)
