"""Rows of a benchmark's source, wherever it is: those that are wanted, with its corrections made."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from snakeval.answers.patterns import LIMIT_SECONDS, matching
from snakeval.formats.rows import Row, SourceError, read_file
from snakeval.problems.fetch import FetchError, fetch_dataset, fetch_url

if TYPE_CHECKING:
    from snakeval.schema import Correction, Source


def read_rows(source: Source, root: Path, corrections: Sequence[Correction] = ()) -> list[Row]:
    """Read the rows that `source.where` chooses, in the source's order; `file` is looked for under `root`.

    `corrections` of the file's own text (those without a column) are made before it is parsed. Raises
    SourceError, also where the rows are not as many as `source.rows` says.
    """
    try:
        if source.file is not None:
            paths = [root / Path(source.file).expanduser()]
        elif source.url is not None and source.sha256 is not None:
            paths = [fetch_url(source.url, source.sha256)]
        else:
            paths = fetch_dataset(source)
    except FetchError as error:
        raise SourceError(str(error)) from error
    repairs = [entry for entry in corrections if entry.column is None]
    read = [row for path in paths for row in _read_repaired(path, source, repairs)]
    rows = _chosen(read, source.where)
    if source.rows is not None and len(rows) != source.rows:
        of = f" of {len(read)}" if source.where else ""
        raise SourceError(f"{paths[0]}: {len(rows)}{of} rows, source.rows says {source.rows}")
    return rows


def _chosen(rows: list[Row], where: dict[str, str]) -> list[Row]:
    """The rows whose columns match the expressions, which may take `patterns.LIMIT_SECONDS` each."""
    for row in rows if where else ():
        if unknown := sorted(where.keys() - row.keys()):
            raise SourceError(f"source.where: a row has no column '{unknown[0]}'; columns: {', '.join(row)}")
    for column, pattern in where.items():
        fits = matching([str(row[column]) for row in rows], pattern)
        if fits is None:
            raise SourceError(f"source.where.{column}: {pattern!r} takes more than {LIMIT_SECONDS:.0f} s")
        rows = [row for row, fit in zip(rows, fits, strict=True) if fit]
    return rows


def _read_repaired(path: Path, source: Source, repairs: Sequence[Correction]) -> list[Row]:
    """Read a file as it would be with the repairs of its text made; the file itself stays as it is."""
    if not repairs:
        return read_file(path, source.format, non_finite=source.non_finite)
    text = path.read_bytes().decode("utf-8")
    for repair in repairs:
        if (found := text.count(repair.old)) != 1:
            raise SourceError(
                f"{path}: the correction of '{repair.problem_id}' wants a text that is there {found} times, "
                f"not once: {repair.old!r}"
            )
        text = text.replace(repair.old, repair.new)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, path.name)
        copy.write_bytes(text.encode())
        return read_file(copy, source.format, non_finite=source.non_finite)
