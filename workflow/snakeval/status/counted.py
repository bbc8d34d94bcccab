"""Samples counted from files, where no note says how many there are."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# Of a journal's lines (`snakeval.journal.lines`): in a text, quotes have a backslash before them.
DONE, FAILED = b'","ok":1,"row":', b'","ok":0,"row":'
LENGTH = b'"finish_reason":"length"'
BLOCK = 4 << 20


@dataclass(frozen=True, slots=True)
class Counts:
    """Samples that are done, those of them that were truncated, and those that could not be had."""

    done: int = 0
    truncated: int | None = None
    errors: int | None = None


def problem_count(benchmark: str) -> int | None:
    """Problems of a benchmark; None until they are prepared."""
    path = Path(f"results/problems/{benchmark}.parquet")
    if not path.is_file():
        return None
    from pyarrow import ArrowException
    from pyarrow.parquet import read_metadata

    try:
        return int(read_metadata(path).num_rows)
    except (ArrowException, OSError):
        return None


def written(benchmark: str, model: str) -> Counts:
    """The samples of a finished file."""
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    from snakeval.answers.finish import ending

    try:
        with ParquetFile(f"results/generations/{benchmark}/{model}.parquet") as file:
            table = file.read(columns=["error", "finish_reason"], use_threads=False)
    except (ArrowException, OSError, ValueError):
        return Counts()
    errors = table.num_rows - table["error"].null_count
    reasons = table["finish_reason"].value_counts().to_pylist()
    cut = sum(entry["counts"] for entry in reasons if ending(entry["values"]) == "truncated")
    return Counts(table.num_rows - errors, cut, errors)


def journalled(journal: Path) -> Counts:
    """The rows of a journal, whatever settings they are of, and one that two jobs have made twice."""
    done = failed = cut = 0
    try:
        paths = [path for path in journal.iterdir() if path.suffix == ".jsonl" and path.is_file()]
    except OSError:
        return Counts(0, 0, 0)
    for path in paths:
        with suppress(OSError), path.open("rb", buffering=0) as file:  # merged away just now
            rest = b""
            while block := file.read(BLOCK):
                block = rest + block
                end = block.rfind(b"\n") + 1  # what follows is torn, or being written
                done += block.count(DONE, 0, end)
                failed += block.count(FAILED, 0, end)
                cut += block.count(LENGTH, 0, end)
                rest = block[end:]
    return Counts(done, cut, failed)
