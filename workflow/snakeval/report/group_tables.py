"""Tables beside the summary's: each model's pass@1 by a column's values; who has not answered what."""

from __future__ import annotations

from collections.abc import Sequence

from snakeval.arena.tables import Shown
from snakeval.report.summary import Display, percent
from snakeval.types import Json


def group_tables(metrics: Sequence[Json], display: Display) -> list[Shown]:
    """The figures that `scoring.groups` found, in the order of `metrics`; none where no benchmark asks."""
    wanted = dict.fromkeys(
        (entry["data_source"], column) for entry in metrics for column in entry.get("by", {})
    )
    return [_table(name, column, metrics, display) for name, column in wanted]


def unanswered(pairs: Sequence[Sequence[str]], display: Display) -> list[Shown]:
    """The pairs (model, benchmark) without recorded answers; no table where there are none."""
    rows = [
        [display.label("models", model), display.label("benchmarks", name), "not answered"]
        for model, name in pairs
    ]
    return [Shown("Not answered", ["model", "data set", ""], rows, text=(0, 1, 2))] if rows else []


def _table(name: str, column: str, metrics: Sequence[Json], display: Display) -> Shown:
    of = [entry for entry in metrics if entry["data_source"] == name and column in entry.get("by", {})]
    rows = [
        [
            *(value, display.label("models", entry["model"]), entry["grader"], str(found["num_problems"])),
            *(percent(found["mean_reward"]), percent(found["pass_at_k"]["1"])),
            " to ".join(map(percent, found["ci95"]["pass_at_k"]["1"])),
        ]
        for value in dict.fromkeys(value for entry in of for value in entry["by"][column])
        for entry in of
        if (found := entry["by"][column].get(value)) is not None
    ]
    header = [column, "model", "grader", "problems", "mean reward", "pass@1", "95% CI"]
    title = f"{display.label('benchmarks', name)} by {column}"
    return Shown(title, header, rows, text=(0, 1, 2))
