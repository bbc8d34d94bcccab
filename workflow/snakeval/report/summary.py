"""All metrics and leaderboards -> one table, for the terminal, as csv, Markdown and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path

from tabulate import tabulate

from snakeval.arena.board import Board
from snakeval.arena.tables import Shown, further_tables, headed, judge_tables_of, to_table
from snakeval.scoring import validity
from snakeval.scoring.aggregate import combine
from snakeval.system.origin import content_of
from snakeval.types import Json

AGGREGATE = "_aggregate"
COUNTED = (*validity.CAUSES, *validity.NOTED)
SHOWN = 4  # names of models that answered in place of the one that was asked


@dataclass(frozen=True, slots=True)
class Display:
    """What is shown besides results: labels by kind ("models", "benchmarks", "arenas"), k by benchmark."""

    labels: Mapping[str, Mapping[str, str | None]]
    k: Mapping[str, Sequence[int] | None]

    def label(self, kind: str, key: str) -> str:
        """The label of a model, benchmark or arena, its key where it has none."""
        return self.labels.get(kind, {}).get(key) or key

    def ks(self, benchmark: str, top: int) -> list[int]:
        """The k to show of 1..top: 1 and the configured ones, or else the powers of two, and `top`."""
        chosen = self.k.get(benchmark)
        wanted = {1, *chosen} if chosen else {top, *(2**i for i in range(top.bit_length()))}
        return sorted(k for k in wanted if k <= top)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the summary: the metrics of a data set, or of all data sets of a model and grader."""

    model: str
    data_set: str
    grader: str
    ks: tuple[int, ...]
    metrics: Json

    @property
    def pass_at_k(self) -> dict[int, float]:
        """pass@k of the k to show."""
        return {k: self.metrics["pass_at_k"][str(k)] for k in self.ks}

    @property
    def maj_at_n(self) -> float | None:
        """maj@n over all n samples, None where there is nothing to vote on."""
        found: Json = self.metrics.get("maj_at_k", {})
        return next((value for k, value in found.items() if int(k) > 1), None)

    @property
    def pass_hat_n(self) -> float | None:
        """pass^n over all n samples, None for one sample a problem."""
        found: Json = self.metrics.get("pass_hat_k", {})
        return found[str(len(found))] if len(found) > 1 else None

    @property
    def flags(self) -> str:
        """What went wrong, as shares of the samples requested; empty where nothing did."""
        counts = self.metrics["validity"]
        shown = [cause for cause in COUNTED if counts.get(cause)]
        shares = [f"{cause} {counts[cause] / counts['requested']:.1%}" for cause in shown]
        names: Mapping[str, int] = self.metrics.get("answered_by", {})
        named = "answered by " + " and ".join(
            [f"{_printable(name)} ({count})" for name, count in names.items()][:SHOWN]
        )
        strange = names and not {"other_model", "renamed"}.isdisjoint(shown)
        unsafe = self.metrics.get("sandbox", "").startswith("none")
        said = [*([named] if strange else []), *(["unsafe: no sandbox"] if unsafe else [])]
        return ", ".join([*shares, *said])


def _printable(name: str) -> str:
    """A name that a server gave itself, without what a terminal would obey."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in name)


def read_metrics(paths: Iterable[Path]) -> list[Json]:
    """The metrics files: models in the order in which `paths` first name them, then by grader and data set.

    So a run's checkpoints come by their step, and models as the configuration lists them.
    """
    metrics = [content_of(json.loads(path.read_text(encoding="utf-8"))) for path in paths]
    order = {model: number for number, model in enumerate(dict.fromkeys(m["model"] for m in metrics))}
    return sorted(metrics, key=lambda entry: (order[entry["model"]], entry["grader"], entry["data_source"]))


def combined(metrics: Sequence[Json]) -> list[Json]:
    """One entry a model and grader: `{"model", "grader", "data_sets": {name: ..., "_aggregate": ...}}`.

    `metrics` come in the order of `read_metrics`; the names are those of `scoring.aggregate.combine`.
    """
    groups = groupby(metrics, key=lambda entry: (entry["model"], entry["grader"]))
    return [
        {"model": model, "grader": grader, "data_sets": combine({m["data_source"]: m for m in entries})}
        for (model, grader), entries in groups
    ]


def rows(metrics: Sequence[Json], display: Display) -> list[Row]:
    """The rows in the order of `metrics`; a model and grader with several data sets has an aggregate too."""
    by_key = {(entry["model"], entry["grader"], entry["data_source"]): entry for entry in metrics}
    table = []
    for group in combined(metrics):
        model, grader, data_sets = group["model"], group["grader"], group["data_sets"]
        shown: set[int] = set()
        for name in data_sets:
            full = by_key.get((model, grader, name), data_sets[name])
            top = len(full["pass_at_k"])
            ks = [k for k in sorted(shown) if k <= top] if name == AGGREGATE else display.ks(name, top)
            shown.update(ks)
            if name != AGGREGATE or len(data_sets) > 2:
                table.append(Row(model, name, grader, tuple(ks), full))
    return table


def to_csv(table: Sequence[Row]) -> str:
    """The rows with slugs for names, fractions in [0, 1] and the validity counts; an empty cell for none."""
    ks = _columns(table)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    passes = [column for k in ks for column in (f"pass@{k}", f"pass@{k}_lower", f"pass@{k}_upper")]
    counted = ["num_problems", "num_samples", "n_samples"]
    causes = ["requested", "generated", *COUNTED]
    figures_of = ["mean_reward", "maj@n", *passes]
    writer.writerow(["model", "data_set", "grader", *counted, *figures_of, *causes, "sandbox"])
    for row in table:
        bounds = row.metrics["ci95"]["pass_at_k"]
        figures = [row.metrics["mean_reward"], row.maj_at_n]
        for k in ks:
            figures += [row.pass_at_k[k], *bounds[str(k)]] if k in row.ks else [None] * 3
        writer.writerow(
            [
                *(row.model, row.data_set, row.grader),
                *(row.metrics.get(key, "") for key in counted),
                *("" if value is None else f"{value:.6f}" for value in figures),
                *(row.metrics["validity"].get(cause, 0) for cause in causes),
                row.metrics.get("sandbox", ""),
            ]
        )
    return out.getvalue()


def cells(table: Sequence[Row], display: Display) -> tuple[list[str], list[list[str]]]:
    """Header and rows as text, figures in percent; columns that no row fills are left out."""
    ks = _columns(table)
    graded = any(abs(row.metrics["mean_reward"] - row.metrics["pass_at_k"]["1"]) > 1e-9 for row in table)
    steady = any(row.pass_hat_n is not None for row in table)
    voted = any(row.maj_at_n is not None for row in table)
    parted = any("parts" in row.metrics for row in table)
    header = ["model", "data set", "grader", "problems", *(["mean reward"] if graded else [])]
    header += [
        "pass@1",
        "95% CI",
        *(f"pass@{k}" for k in ks[1:]),
        *(["pass^n"] if steady else []),
        *(["maj@n"] if voted else []),
    ]
    header += [*(["parts"] if parted else []), "invalid"]
    lines = []
    for row in table:
        lower, upper = row.metrics["ci95"]["pass_at_k"]["1"]
        lines.append(
            [
                display.label("models", row.model),
                "all" if row.data_set == AGGREGATE else display.label("benchmarks", row.data_set),
                row.grader,
                str(row.metrics["num_problems"]),
                *([percent(row.metrics["mean_reward"])] if graded else []),
                percent(row.pass_at_k[1]),
                f"{percent(lower)} to {percent(upper)}",
                *(percent(row.pass_at_k.get(k)) for k in ks[1:]),
                *([percent(row.pass_hat_n)] if steady else []),
                *([percent(row.maj_at_n)] if voted else []),
                *([percent(row.metrics.get("parts", {}).get("mean_reward"))] if parted else []),
                row.flags,
            ]
        )
    return header, lines


def to_text(
    table: Sequence[Row],
    boards: Sequence[Board],
    display: Display,
    tablefmt: str = "simple",
    judges: Sequence[Shown] = (),
) -> str:
    """Summary, leaderboards and `judges` as tables: "simple" for a terminal, "github" for Markdown."""
    markdown = tablefmt == "github"
    parts = []
    if table:
        header, lines = cells(table, display)
        if markdown:
            lines = [[cell.replace("|", "\\|") for cell in line] for line in lines]
        align = ["left"] * 3 + ["right"] * (len(header) - 4) + ["left"]
        parts.append(tabulate(lines, header, tablefmt=tablefmt, disable_numparse=True, colalign=align) + "\n")
    for board in boards:
        title = f"{display.label('arenas', board.arena)}, judged by {board.judge}"
        label = partial(display.label, "models")
        body = to_table(board, tablefmt, label)
        parts.append(f"## {title}\n\n{body}" if markdown else f"{title}\n{body}")
        # A terminal shows the judge; categories, style and win rates are in the other files.
        further = further_tables(board, label) if markdown else judge_tables_of(board)
        parts.append(headed(further, tablefmt))
    if judges:
        parts.append(headed(judges, tablefmt))
    return "\n".join(parts)


def percent(value: float | None) -> str:
    """A fraction in percent with two decimals, empty for None."""
    return "" if value is None else f"{100 * value:.2f}"


def _columns(table: Sequence[Row]) -> list[int]:
    return sorted({k for row in table for k in row.ks})
