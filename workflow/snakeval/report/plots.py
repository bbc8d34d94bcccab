"""Metrics -> the plots of pass@k; the one module that needs matplotlib, which takes half a second to import.

The output is a function of the input alone: no clock, no random ids.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from snakeval.report.summary import Display
from snakeval.types import Json

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
