"""Results of lm-evaluation-harness -> one table with a row a model, under the harness' own keys."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from tabulate import tabulate

from snakeval.system.files import write_text


def figures(path: Path) -> tuple[str, dict[str, float]]:
    """(model, figure by "task metric,filter") of one results file, without standard errors."""
    found = json.loads(path.read_text(encoding="utf-8"))
    return found["model"], {
        f"{task} {key}": value
        for part in ("groups", "results")
        for task, metrics in found.get(part, {}).items()
        for key, value in metrics.items()
        if isinstance(value, int | float) and "," in key and "_stderr," not in key
    }


def write_tables(
    paths: Sequence[Path], csv_out: Path, md_out: Path, label: Callable[[str], str] = str
) -> None:
    """Write the table as csv, in full precision, and as Markdown with four decimals; models in order."""
    rows: dict[str, dict[str, float]] = {}
    for path in paths:
        model, found = figures(path)
        rows.setdefault(model, {}).update(found)
    columns = list(dict.fromkeys(key for row in rows.values() for key in row))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["model", *columns])
    for model, row in rows.items():
        writer.writerow([model, *(row.get(column) for column in columns)])
    write_text(csv_out, out.getvalue())
    cells = [[label(model), *(_cell(row.get(column)) for column in columns)] for model, row in rows.items()]
    align = ("left", *("right",) * len(columns))
    table = tabulate(cells, ["model", *columns], "github", disable_numparse=True, colalign=align)
    write_text(md_out, table + "\n")


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
