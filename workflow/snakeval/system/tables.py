"""Parquet files between the stages: written whole or not at all, read only with the schema expected."""

from __future__ import annotations

import dataclasses
import logging
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from snakeval.system.files import DAMAGED, replacing
from snakeval.system.origin import NOTE, content_of, notes_of
from snakeval.system.surrogates import without
from snakeval.types import ADDED, GENERATIONS, GRADES, PROBLEMS, Generation, Grade, Problem

log = logging.getLogger(__name__)
ROWS_PER_GROUP = 10_000
Row = TypeVar("Row", Problem, Generation, Grade)
SCHEMAS: dict[type, pa.Schema] = {Problem: PROBLEMS, Generation: GENERATIONS, Grade: GRADES}


def _spare_pandas() -> None:
    """Let arrow find no pandas, which it imports when it is first given a list, in case that is pandas' own.

    It would cost each job a third of a second, and nothing here is pandas' own. An empty module stands for it
    during the one call that looks; where arrow is asked for pandas later, it looks again and finds it.
    """
    if "pandas" not in sys.modules:
        sys.modules["pandas"] = ModuleType("pandas")
        sys.modules["pandas"].__version__ = "0"  # type: ignore[attr-defined]  # too old for arrow, of which it warns
        try:
            with warnings.catch_warnings(action="ignore"):
                pa.array([0])
        finally:
            del sys.modules["pandas"]


_spare_pandas()


class SchemaError(ValueError):
    """A file is damaged or its columns are not those of its kind; the message names it, and the remedy."""


@contextmanager
def _whole(path: Path) -> Iterator[None]:
    """Raise SchemaError where a file can't be read as parquet, and move it, so that it is made anew.

    What the system refuses (rights, a disk, a network) says nothing of the file.
    """
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        aside = path.with_name(f"{path.name}{DAMAGED}")
        try:
            path.replace(aside)
            remedy = f"It is now {aside.name}, so that the next run of everything makes it anew."
        except OSError:
            remedy = "Delete the file to have it made anew."
        said = str(error).strip().partition("\n")[0]
        raise SchemaError(f"{path}: damaged or empty, no parquet file: {said}. {remedy}") from error


@contextmanager
def parquet_writer(path: Path, schema: pa.Schema) -> Iterator[pq.ParquetWriter]:
    """A writer of a file that is there whole or not at all, and says what it is of."""
    with replacing(path) as temporary, pq.ParquetWriter(temporary, schema, compression="zstd") as writer:
        yield writer
        writer.add_key_value_metadata(notes_of(path))


def write_rows(
    path: Path, kind: type[Row], rows: Iterable[Row], notes: Callable[[], Mapping[str, str]] | None = None
) -> int:
    """Write rows of one kind, in the order given, and return how many there were.

    `notes`, asked for when all rows are written, are kept with the file (see `read_notes`). Rows are taken a
    row group at a time, so memory stays bounded for any number of rows.
    """
    schema, count = SCHEMAS[kind], 0
    names = [field.name for field in dataclasses.fields(kind)]
    iterator = iter(rows)
    with parquet_writer(path, schema) as writer:
        while chunk := list(islice(iterator, ROWS_PER_GROUP)):
            columns = {name: [getattr(row, name) for row in chunk] for name in names}
            try:
                table = pa.Table.from_pydict(columns, schema=schema)
            except UnicodeEncodeError:
                log.warning("%s: lone surrogates are written as U+FFFD", path)
                table = pa.Table.from_pydict(_encodable(columns), schema=schema)
            writer.write_table(table)
            count += len(chunk)
        writer.add_key_value_metadata({f"{NOTE}{key}": value for key, value in (notes or dict)().items()})
    return count


def _encodable(value: Any) -> Any:
    """Rows' values with each lone surrogate, which UTF-8 can't say, as U+FFFD."""
    if isinstance(value, str):
        return without(value)
    if isinstance(value, dict):
        return {key: _encodable(each) for key, each in value.items()}
    return [_encodable(each) for each in value] if isinstance(value, list | tuple) else value


def read_notes(path: Path) -> dict[str, str]:
    """What was noted of a whole file when it was written, beside what it is of."""
    with _whole(path):
        noted: dict[bytes, bytes] = pq.read_metadata(path).metadata or {}
    texts = {key.decode(): value.decode() for key, value in noted.items()}
    return content_of({key.removeprefix(NOTE): value for key, value in texts.items() if key.startswith(NOTE)})


def count_rows(path: Path) -> int:
    """How many rows a file has. Raises SchemaError where it is damaged."""
    with _whole(path):
        return int(pq.read_metadata(path).num_rows)


def check_schema(path: Path, expected: pa.Schema, found: pa.Schema) -> None:
    """Raise SchemaError naming every column of `path` that is missing, extra or of another type.

    Those that earlier versions did not write may be missing.
    """
    wanted = [name for name in expected.names if name not in ADDED]
    problems = [f"column '{name}' is missing" for name in wanted if name not in found.names]
    problems += [f"column '{name}' is not expected" for name in found.names if name not in expected.names]
    problems += [
        f"column '{name}' is {found.field(name).type}, expected {expected.field(name).type}"
        for name in expected.names
        if name in found.names and found.field(name).type != expected.field(name).type
    ]
    if problems:
        raise SchemaError(f"{path}: {'; '.join(problems)}. Delete the file to have it made anew.")


def read_table(path: Path, kind: type[Row], columns: list[str] | None = None) -> pa.Table:
    """Read a file of one kind as an arrow table, all columns or the ones named."""
    schema = SCHEMAS[kind]
    with _whole(path):
        found = pq.read_schema(path)
        check_schema(path, schema, found)
        wanted = schema.names if columns is None else columns
        table = pq.read_table(path, columns=[name for name in wanted if name in found.names])
    for at, name in enumerate(wanted):
        if name not in found.names:
            table = table.add_column(at, schema.field(name), pa.nulls(len(table), schema.field(name).type))
    return table


def read_rows(path: Path, kind: type[Row]) -> Iterator[Row]:
    """Yield the rows of a file of one kind, a row group in memory at a time."""
    with _whole(path):
        check_schema(path, SCHEMAS[kind], pq.read_schema(path))
    with _whole(path), pq.ParquetFile(path) as file:
        for batch in file.iter_batches(ROWS_PER_GROUP):
            for values in batch.to_pylist():
                yield kind(**_frozen(values))


def _frozen(values: dict[str, Any]) -> dict[str, Any]:
    if "messages" in values:
        values["messages"] = tuple(values["messages"])
    return values
