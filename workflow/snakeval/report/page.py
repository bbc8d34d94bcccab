"""Metrics and leaderboards -> one static page that needs no network, and the pass@k plots it shows.

The output is a function of the input alone: no clock, no random ids.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import matplotlib
import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from snakeval.arena.board import Board
from snakeval.arena.tables import Shown, further_tables, main_table
from snakeval.asking.spending import Bill
from snakeval.asking.spending import cells as bill_cells
from snakeval.report import summary
from snakeval.report.summary import COUNTED, Display, percent
from snakeval.types import Json

TEMPLATES = Path(__file__).parent
STYLE = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
}
# Okabe and Ito's colours, which stay apart under any colour vision; dashes tell further models apart.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
DASHES = ("-", "--", ":", "-.")
LEGEND_ROW_INCHES = 0.24
MARKED_POINTS = 32


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


def pass_at_k_svg(metrics: Sequence[Json], benchmark: str, display: Display) -> str:
    """The pass@k curves of all models on one benchmark, with 95% bands, as an SVG document.

    Where the benchmark has several graders, a curve is named after its model and its grader.
    """
    entries = [entry for entry in metrics if entry["data_source"] == benchmark]
    several = len({entry["grader"] for entry in entries}) > 1
    names = [
        display.label("models", entry["model"]) + (f" ({entry['grader']})" if several else "")
        for entry in entries
    ]
    with matplotlib.rc_context({**STYLE, "svg.hashsalt": benchmark}):
        height = 3.6 + LEGEND_ROW_INCHES * len(entries)
        figure = Figure(figsize=(7.2, height), layout="constrained")
        axes = figure.add_subplot()
        lines = [_curve(axes, entry, i, len(entries)) for i, entry in enumerate(entries)]
        _dress(axes, max((len(entry["pass_at_k"]) for entry in entries), default=1))
        axes.set_title(display.label("benchmarks", benchmark), loc="left")
        figure.legend(lines, names, loc="outside lower left", frameon=False)
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return out.getvalue()


def html(
    metrics: Sequence[Json],
    boards: Sequence[Board],
    display: Display,
    bills: Sequence[Bill] = (),
    judges: Sequence[Shown] = (),
) -> str:
    """The report: summary, pass@k plots, leaderboards, validity and judges' costs on one page.

    It has no outside references.
    """
    benchmarks = sorted({entry["data_source"] for entry in metrics})
    plots = [
        Plot(
            f"pass@k on {display.label('benchmarks', benchmark)}",
            _inline(pass_at_k_svg(metrics, benchmark, display), f"plot{i}"),
        )
        for i, benchmark in enumerate(benchmarks)
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
        costs=_costs(bills) if bills else None,
        rounds=sorted({entry["bootstrap"]["rounds"] for entry in metrics}),
    )


def _curve(axes: Axes, entry: Json, index: int, of: int) -> Line2D:
    values = 100 * np.array(list(entry["pass_at_k"].values()))
    lower, upper = 100 * np.array(list(entry["ci95"]["pass_at_k"].values())).T
    ks = np.arange(1, len(values) + 1, dtype=np.float64)
    colour = COLOURS[index % len(COLOURS)]
    dash = DASHES[index // len(COLOURS) % len(DASHES)]
    marker = "o" if len(ks) <= MARKED_POINTS else ""
    if len(ks) == 1:
        # A band of no width cannot be seen, nor can bars on top of one another.
        ks += 0.05 * (index - (of - 1) / 2)
        axes.vlines(ks, lower, upper, color=colour)
    axes.fill_between(ks, lower, upper, color=colour, alpha=0.15, linewidth=0)
    return axes.plot(ks, values, color=colour, linestyle=dash, marker=marker, markersize=4)[0]


def _dress(axes: Axes, top: int) -> None:
    if top > 1:
        axes.set_xscale("log", base=2)
        ticks = sorted({*(2**i for i in range(top.bit_length())), top})
        crowded = len(ticks) > 1 and ticks[-1] < 1.3 * ticks[-2]
        axes.set_xticks(ticks[:-2] + ticks[-1:] if crowded else ticks)
    else:
        axes.set_xticks([1])
        axes.set_xlim(0.5, 1.5)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0f}")
    axes.set_xlabel("k")
    axes.set_ylabel("pass@k, %")


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


def _costs(bills: Sequence[Bill]) -> Table:
    header, rows = bill_cells(bills)
    return Table("Judges' tokens and costs", header, rows, text=frozenset({0}))


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
