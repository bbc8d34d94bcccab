"""A benchmark's local data, looked at before any job runs: its columns, and its rows where they are few."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from snakeval.config.errors import Report, as_far_as_right, did_you_mean, listed
from snakeval.schema import Benchmark

if TYPE_CHECKING:
    from snakeval.formats.rows import Row

# Files up to this size are read whole, so that what is wrong with their rows is known at once. Larger
# ones are left to `problems.prepare`, which checks the same and more: only their first row is looked at.
WHOLE_BYTES = 1 << 20


@as_far_as_right
def check_data(name: str, benchmark: Benchmark, root: Path, report: Report) -> list[str] | None:
    """Check a benchmark's local file against its `fields`; return the columns, None if not known here."""
    file = f"config/benchmarks/{name}.yaml"
    if benchmark.source.file is None:
        return None
    path = root / Path(benchmark.source.file).expanduser()
    if not path.is_file():
        siblings = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        hint = did_you_mean(path.name, siblings)
        report.add(file, "source.file", f"there is no file '{benchmark.source.file}'{hint}")
        return None
    # Corrections may mend what makes the file unreadable: `problems.prepare` looks at it with them made.
    rows = None if benchmark.corrections else _rows(path, benchmark, file, report)
    if rows is None:
        return None
    if not rows:
        report.add(file, "source.file", f"'{benchmark.source.file}' has no rows")
        return None
    columns = list(dict.fromkeys(column for row in rows for column in row))
    fields = benchmark.fields
    named = [(key, getattr(fields, key)) for key in ("problem_id", "problem", "reference", "guidelines")]
    for key, column in [*named, *(("choices", column) for column in fields.choices or ())]:
        if column is not None and column not in columns:
            report.add(file, f"fields.{key}", _no_column(key, column, columns))
    _check_ids(rows, benchmark.fields.problem_id, file, report)
    return columns


def _rows(path: Path, benchmark: Benchmark, file: str, report: Report) -> list[Row] | None:
    """All rows of a small file, the first of a large one; None if it can't be read, which is noted."""
    # Imported late: it brings pyarrow, which jobs that check no data need not wait for.
    from snakeval.formats.rows import READERS, SourceError, format_of, reader

    kind = benchmark.source.format or format_of(path)
    if kind not in READERS:
        report.add(
            file,
            "source.format",
            f"the suffix of '{benchmark.source.file}' says no format: set one of {', '.join(READERS)}",
        )
        return None
    small = path.stat().st_size <= WHOLE_BYTES
    if kind == "json" and not small:  # it has no first row that could be read alone
        return None
    try:
        rows = reader(kind, benchmark.source.non_finite)(path)
        return list(islice(rows, benchmark.limit if small else 1))
    except (SourceError, UnicodeDecodeError) as error:
        report.add(file, "source.file", str(error))
        return None


def _no_column(key: str, column: str, columns: list[str]) -> str:
    hint = "; set it to null if there are no golden answers" if key == "reference" else ""
    return (
        f"the data has no column '{column}'{did_you_mean(column, columns)} (columns: {listed(columns)}){hint}"
    )


def _check_ids(rows: list[Row], column: str | None, file: str, report: Report) -> None:
    counts = Counter(str(row[column]) for row in rows if column in row) if column else Counter()
    if repeated := [f"'{name}' ({count} times)" for name, count in counts.items() if count > 1]:
        report.add(file, "fields.problem_id", f"must differ from row to row: {listed(repeated)}")
