"""Parquet files of this version and of earlier ones, and texts that no file can hold."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from snakeval.system.tables import SchemaError, read_rows, read_table, write_rows
from snakeval.types import ADDED, GENERATIONS, Generation, Grade

ROW = Generation("p", 0, "d" * 32, ({"role": "user", "content": "?"},), 1, "4", None, "stop", 7, 9, 0.5)


def old(path: Path, **changes: Any) -> Path:
    """A file without the columns that earlier versions did not write."""
    write_rows(path, Generation, [ROW, replace(ROW, sample_index=1)])
    table = pq.read_table(path).drop_columns(sorted(ADDED))
    for name, column in changes.items():
        table = table.append_column(name, column)
    pq.write_table(table, path)
    return path


def test_a_file_of_an_earlier_version_is_completed_with_null(tmp_path: Path) -> None:
    path = old(tmp_path / "x.parquet")
    assert list(read_rows(path, Generation)) == [ROW, replace(ROW, sample_index=1)]
    whole = read_table(path, Generation)
    assert whole.schema.names == GENERATIONS.names
    assert whole.schema.types == GENERATIONS.types
    some = read_table(path, Generation, ["model", "text", "replaced"])
    assert some.to_pylist() == [{"model": None, "text": "4", "replaced": None}] * 2


def test_a_column_too_many_or_of_another_type_is_refused_all_the_same(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="column 'other' is not expected"):
        read_table(old(tmp_path / "x.parquet", other=pa.array([1, 2])), Generation)
    with pytest.raises(SchemaError, match="column 'model' is int64, expected string"):
        list(read_rows(old(tmp_path / "x.parquet", model=pa.array([1, 2])), Generation))


def test_any_text_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    messages = ({"role": "user", "content": "\udc00?"},)
    write_rows(path, Generation, [replace(ROW, text="4 \ud83d", messages=messages)])  # type: ignore[arg-type]
    (row,) = read_rows(path, Generation)
    assert (row.text, row.messages[0]["content"]) == ("4 \ufffd", "\ufffd?")
    write_rows(path, Grade, [Grade("p", 0, "d", None, None, "judge_null", "\ud83d", (1.0, 0.0))])
    (grade,) = read_rows(path, Grade)
    assert (grade.judge_text, list(grade.parts or ())) == ("\ufffd", [1.0, 0.0])


def test_arrow_imports_no_pandas_but_finds_it_where_it_is_asked_for_it() -> None:
    program = """
import sys
from snakeval.system import tables
table = tables.pa.Table.from_pylist([{"text": "x", "numbers": [1, 2], "none": None}])
assert "pandas" not in sys.modules
assert table.to_pandas()["text"].tolist() == ["x"]
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "white space": lambda data: b" \n" * 50,
    "zeros": lambda data: b"\0" * len(data),
    "its start": lambda data: data[: len(data) // 2],
    "its end": lambda data: data[len(data) // 2 :],
    "the magic alone": lambda data: b"PAR1",
    "twice the magic": lambda data: b"PAR1PAR1",
    "a byte less": lambda data: data[:-1],
    "a byte more": lambda data: data + b"x",
    "another length": lambda data: data[:-8] + b"\xff\xff\xff\x7fPAR1",
    "a column overwritten": lambda data: data[:4] + b"\xff" * 300 + data[304:],
    "text": lambda data: b"problem_id,text\np,4\n",
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("read", [read_table, lambda *of: list(read_rows(*of))], ids=["table", "rows"])
def test_a_damaged_file_is_named_and_out_of_the_way_of_the_next_run(
    damage: str, read: Callable[..., object], tmp_path: Path
) -> None:
    path = tmp_path / "x.parquet"
    write_rows(path, Generation, [replace(ROW, sample_index=n, text=f"{n} " * 40) for n in range(50)])
    content = DAMAGE[damage](path.read_bytes())
    path.write_bytes(content)
    with pytest.raises(
        SchemaError, match=r"x\.parquet: damaged or empty.* next run of everything makes it anew"
    ):
        read(path, Generation)
    assert not path.exists()
    assert (tmp_path / "x.parquet.damaged").read_bytes() == content


def test_what_the_system_refuses_is_no_damage(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(read_rows(tmp_path / "x.parquet", Generation))
    write_rows(tmp_path / "x.parquet", Generation, [ROW])
    (tmp_path / "loop.parquet").symlink_to("loop.parquet")
    with pytest.raises(OSError, match="loop"):
        read_table(tmp_path / "loop.parquet", Generation)
    assert (tmp_path / "loop.parquet").is_symlink()


def test_a_file_without_rows_is_whole(tmp_path: Path) -> None:
    write_rows(tmp_path / "x.parquet", Generation, [])
    assert list(read_rows(tmp_path / "x.parquet", Generation)) == []
