"""Rows of a file as people give them: JSON, JSON lines, CSV or parquet, read strictly."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any

Row = dict[str, Any]
# The csv module's own limit of 128 KiB is less than a long-context prompt.
CSV_FIELD_BYTES = 1 << 30


class SourceError(ValueError):
    """A source can't be had or read; the message names the file and, where there is one, the line."""


class SourceFloat(float):
    """A number of a JSON source that prints as it was written: 0.50 stays 0.50."""

    _text: str

    def __new__(cls, text: str) -> SourceFloat:
        number = super().__new__(cls, text)
        number._text = text
        return number

    def __str__(self) -> str:
        return self._text


def read_file(path: Path, format: str | None = None, *, non_finite: bool = False) -> list[Row]:
    """Read the rows of one file, of the format given or the one its suffix names. Raises SourceError.

    `non_finite` takes what Python writes for infinity and NaN, which JSON does not have.
    """
    kind = format or format_of(path)
    if kind not in READERS:
        raise SourceError(
            f"{path}: unknown suffix '{path.suffix}': set source.format to {', '.join(READERS)}"
        )
    if not path.is_file():
        raise SourceError(f"{path}: no such file")
    try:
        return list(reader(kind, non_finite)(path))
    except UnicodeDecodeError as error:
        raise SourceError(f"{path}: not UTF-8: {error}") from error
    except (gzip.BadGzipFile, EOFError) as error:
        raise SourceError(f"{path}: not gzip: {error}") from error


def format_of(path: Path) -> str:
    """The format that a file's suffix names; `.gz` after it says that the file is compressed."""
    return Path(path.stem if path.suffix == ".gz" else path.name).suffix.removeprefix(".")


def _open(path: Path, newline: str | None = None) -> IO[str]:
    opened = gzip.open if path.suffix == ".gz" else open
    return opened(path, "rt", encoding="utf-8-sig", newline=newline)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _parse(text: str, non_finite: bool) -> Any:
    constant = float if non_finite else _refuse_constant
    return json.loads(text, parse_float=SourceFloat, parse_constant=constant, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys differ; of two equal ones Python would take the last."""
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"the key '{twice}' stands there twice")
    return found


def _reason(error: ValueError) -> str:
    """Say why one line is not JSON; the decoder's own words count every line as line 1."""
    return f"{error.msg} at column {error.colno}" if isinstance(error, json.JSONDecodeError) else str(error)


def _jsonl(path: Path, non_finite: bool = False) -> Iterator[Row]:
    with _open(path) as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                row = _parse(line.rstrip(), non_finite)
            except ValueError as error:
                raise SourceError(f"{path}, line {number}: not JSON: {_reason(error)}") from error
            yield _object(row, f"{path}, line {number}")


def _json(path: Path, non_finite: bool = False) -> Iterator[Row]:
    try:
        with _open(path) as file:
            rows = _parse(file.read(), non_finite)
    except UnicodeDecodeError:
        raise
    except ValueError as error:
        raise SourceError(f"{path}: not JSON: {error}") from error
    if not isinstance(rows, list):
        raise SourceError(f"{path}: holds a {type(rows).__name__}, expected a list of objects")
    for index, row in enumerate(rows):
        yield _object(row, f"{path}, entry {index} (counted from 0)")


def _object(row: object, where: str) -> Row:
    if not isinstance(row, dict):
        raise SourceError(f"{where}: holds a {type(row).__name__}, expected an object")
    return row


def _csv(path: Path) -> Iterator[Row]:
    """Rows of a CSV file, read strictly: a stray quote would otherwise shift a row's fields unnoticed."""
    csv.field_size_limit(CSV_FIELD_BYTES)
    with _open(path, newline="") as file:
        reader = csv.reader(file, strict=True)
        line = 1
        try:
            header = next(reader, [])
            if len(set(header)) < len(header) or "" in header:
                raise SourceError(f"{path}, line 1: column names must be there and differ: {header}")
            line = reader.line_num + 1
            for values in reader:
                if values and len(values) != len(header):
                    raise SourceError(
                        f"{path}, line {line}{_record(path, line)}: {len(values)} fields, "
                        f"the header names {len(header)}"
                    )
                if values:
                    yield dict(zip(header, values, strict=True))
                line = reader.line_num + 1
        except csv.Error as error:
            raise SourceError(
                f"{path}, line {line}{_record(path, line)}: not CSV: {error} in the record that starts there "
                "(a quote inside quotes must be doubled)"
            ) from error


def _record(path: Path, line: int) -> str:
    """The first field of the record that starts at a line, which in most files is its name."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        start = next((text for number, text in enumerate(file, start=1) if number == line), "")
    field = start.split(",", maxsplit=1)[0].strip().strip('"')
    return f" ('{field}')" if field else ""


def _parquet(path: Path) -> Iterator[Row]:
    # Imported late: the other formats are looked at while the workflow is parsed.
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches():
                yield from batch.to_pylist()
    except pa.ArrowException as error:
        raise SourceError(f"{path}: not parquet: {error}") from error


READERS: dict[str, Callable[..., Iterator[Row]]] = {
    "jsonl": _jsonl,
    "json": _json,
    "csv": _csv,
    "parquet": _parquet,
}


def reader(kind: str, non_finite: bool) -> Callable[[Path], Iterator[Row]]:
    """The reader of a format; with `non_finite`, one of JSON that takes infinity and NaN."""
    return (
        partial(READERS[kind], non_finite=True) if non_finite and kind in ("json", "jsonl") else READERS[kind]
    )
