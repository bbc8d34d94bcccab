"""Metrics, leaderboards and plots -> one static page that needs no network.

The output is a function of the input alone: no clock, no random ids.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from snakeval.arena.board import Board
from snakeval.arena.tables import Shown, further_tables, main_table
from snakeval.asking.spending import Bill
from snakeval.asking.spending import cells as bill_cells
from snakeval.report import summary
from snakeval.report.summary import COUNTED, Display, percent
from snakeval.types import Json

TEMPLATES = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the page: `text` holds the indices of the columns that are no figures, `strong` those of the
    rows that stand out.
    """

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    text: frozenset[int]
    strong: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot of the page with the title that stands in for it where it cannot be seen."""

    title: str
    svg: Markup


def html(
    metrics: Sequence[Json],
    boards: Sequence[Board],
    display: Display,
    svgs: Mapping[str, str],
    bills: Sequence[Bill] = (),
    judges: Sequence[Shown] = (),
) -> str:
    """The report: summary, pass@k plots, leaderboards, validity and judges' costs on one page.

    `svgs` are the plots by benchmark (see `snakeval.report.plots`). It has no outside references.
    """
    plots = [
        Plot(f"pass@k on {display.label('benchmarks', benchmark)}", _inline(svgs[benchmark], f"plot{i}"))
        for i, benchmark in enumerate(sorted(svgs))
    ]
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(
        scores=_scores(metrics, display) if metrics else None,
        plots=plots,
        boards=[_standings(board, display) for board in boards],
        judges=[_table(shown) for shown in judges],
        conventions=sorted({board.convention for board in boards}),
        validity=_validity(metrics, display) if metrics else None,
        costs=_table(bills_table(bills)) if bills else None,
        rounds=sorted({entry["bootstrap"]["rounds"] for entry in metrics}),
    )


def _inline(svg: str, prefix: str) -> Markup:
    """An SVG document as an element of the page: without its prologue, its ids made unique to the page."""
    element = svg[svg.index("<svg") :]
    return Markup(re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{prefix}-", element))


def _scores(metrics: Sequence[Json], display: Display) -> Table:
    table = summary.rows(metrics, display)
    header, rows = summary.cells(table, display)
    pooled = frozenset(i for i, row in enumerate(table) if row.data_set == summary.AGGREGATE)
    return Table("Scores", header, rows, text=frozenset({0, 1, 2, len(header) - 1}), strong=pooled)


def _standings(board: Board, display: Display) -> list[Table]:
    label = partial(display.label, "models")
    title = f"{display.label('arenas', board.arena)}, judged by {board.judge}"
    shown = [replace(main_table(board, label), title=title), *further_tables(board, label)]
    return [_table(one) for one in shown]


def _table(shown: Shown) -> Table:
    return Table(shown.title, shown.header, shown.rows, text=frozenset(shown.text))


def bills_table(bills: Sequence[Bill]) -> Shown:
    """What judges used and cost, a row each and one with the sums."""
    return Shown("Judges' tokens and costs", *bill_cells(bills))


def _validity(metrics: Sequence[Json], display: Display) -> Table:
    causes = [cause.replace("_", " ") for cause in COUNTED]
    header = ["model", "data set", "grader", "requested", "generated", *causes, "pass@1 bounds"]
    rows = []
    for entry in metrics:
        counts = entry["validity"]
        wrong, right = entry["bounds"]["pass_at_k"]["1"]
        rows.append(
            [
                display.label("models", entry["model"]),
                display.label("benchmarks", entry["data_source"]),
                entry["grader"],
                str(counts["requested"]),
                str(counts["generated"]),
                *(_count(counts.get(cause, 0), counts["requested"]) for cause in COUNTED),
                f"{percent(wrong)} to {percent(right)}" if counts["truncated"] else "",
            ]
        )
    return Table("Validity", header, rows, text=frozenset({0, 1, 2}))


def _count(count: int, requested: int) -> str:
    return f"{count} ({count / requested:.1%})" if count else "0"
