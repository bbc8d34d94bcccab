"""Compressed sources, and JSON that holds what only Python writes."""

from __future__ import annotations

import gzip
import json
import math
from pathlib import Path
from typing import Any

import pytest

from snakeval.formats.rows import SourceError, format_of
from snakeval.problems.prepare import prepare
from snakeval.problems.sources import read_rows
from snakeval.schema import Benchmark, Source
from snakeval.system.tables import read_rows as read_table_rows
from snakeval.types import Problem

ROWS: list[dict[str, Any]] = [{"id": "a", "problem": "?", "answer": "1", "inputs": [[1.5, -math.inf]]}]


def written(folder: Path, name: str) -> Path:
    path = folder / name
    text = "".join(json.dumps(row) + "\n" for row in ROWS)
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz"])
def test_infinity_is_read_where_the_source_says_so(tmp_path: Path, name: str) -> None:
    written(tmp_path, name)
    assert read_rows(Source(file=name, non_finite=True), tmp_path) == ROWS
    with pytest.raises(SourceError, match="line 1: not JSON: -Infinity is no JSON number"):
        read_rows(Source(file=name), tmp_path)


def test_infinity_reaches_the_metadata(tmp_path: Path) -> None:
    written(tmp_path, "rows.jsonl.gz")
    (tmp_path / "prompt.jinja").write_text("{{ problem }}")
    source = {"file": "rows.jsonl.gz", "non_finite": True}
    benchmark = Benchmark.model_validate({"source": source, "prompt": "prompt.jinja"})
    prepare("x", benchmark, tmp_path, tmp_path / "out.parquet")
    (row,) = read_table_rows(tmp_path / "out.parquet", Problem)
    assert json.loads(row.metadata)["inputs"] == [[1.5, -math.inf]]


def test_a_file_that_is_not_compressed(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl.gz").write_text("{}")
    with pytest.raises(SourceError, match=r"rows\.jsonl\.gz: not gzip"):
        read_rows(Source(file="rows.jsonl.gz"), tmp_path)


@pytest.mark.parametrize(
    ("name", "format"), [("a.csv", "csv"), ("a.jsonl.gz", "jsonl"), ("a.gz", ""), ("a.parquet", "parquet")]
)
def test_format_of(name: str, format: str) -> None:
    assert format_of(Path(name)) == format
