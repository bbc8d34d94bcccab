"""Samples counted from files, where no note says how many there are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

LENGTH = b'"finish_reason":"length"'


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
    """The rows of a journal, each digest once, whatever settings they are of."""
    try:
        names = sorted(path.name for path in journal.iterdir() if path.suffix == ".jsonl" and path.is_file())
    except OSError:
        return Counts()
    if not names:
        return Counts(0, 0, 0)
    import numpy as np

    from snakeval.journal.lines import parse_lines
    from snakeval.journal.reading import blocks

    good, bad, cut = [], [], 0
    for name in names:
        try:
            with (journal / name).open("rb", buffering=0) as file:
                for _, data in blocks(file):
                    rows, _ = parse_lines(data)
                    cut += data.tobytes().count(LENGTH)
                    good.append(rows["digest"][rows["length"] > 0])
                    bad.append(rows["digest"][rows["length"] < 0])
        except OSError:
            continue  # merged away just now
    done = np.unique(np.concatenate(good)) if good else np.empty(0, "S16")
    failed = np.unique(np.concatenate(bad)) if bad else done[:0]
    return Counts(len(done), min(cut, len(done)), int((~np.isin(failed, done)).sum()))
