"""Cells -> the table of `snakemake status`, as wide as the terminal is; and the same as JSON."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from snakeval.status.cells import Cell, Part
from snakeval.status.slurm import SlurmJob

MARKS = {"complete": "✓", "running": "▶", "waiting": "·", "stopped": "‖", "failed": "✗"}
PLAIN_MARKS = {"complete": "ok", "running": "->", "waiting": "..", "stopped": "||", "failed": "XX"}
COLOURS = {"complete": "32", "running": "36", "waiting": "2", "stopped": "33", "failed": "31"}
# Columns that go first where the terminal is narrow, and those that are to the right of their numbers.
SPARE = ("games", "questions", "truncated", "graded", "errors", "job", "server", "remark", "tokens/s", "left")
RIGHT = frozenset({"samples", "truncated", "errors", "tokens/s", "left", "graded", "questions", "games"})
GAP = "  "


@dataclass(frozen=True, slots=True)
class Look:
    """How the table is shown: at most so many characters wide (None: as it comes), with what marks."""

    width: int | None = None
    colour: bool = False
    plain: bool = False

    @classmethod
    def of_terminal(cls) -> Look:
        """As standard output can show it; NO_COLOR (no-color.org) and TERM=dumb hold."""
        plain = not (sys.stdout.encoding or "").lower().startswith("utf")
        if not sys.stdout.isatty():
            return cls(plain=plain)
        try:
            width = os.get_terminal_size(sys.stdout.fileno()).columns or None
        except OSError:
            width = None
        dull = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
        return cls(width, not dull, plain)


def to_text(cells: Sequence[Cell], head: str, look: Look) -> str:
    """What runs, one line a model and benchmark, and the sums."""
    counted = Counter(cell.state for cell in cells)
    sums = ", ".join(f"{count} {state}" for state, count in counted.most_common())
    lines = [_values(cell) for cell in cells]
    columns = [name for name in (lines[0] if lines else ()) if any(line[name] for line in lines)]
    widths = {name: max(len(name), *(len(line[name]) for line in lines)) for name in columns}
    spare = [name for name in SPARE if name in columns]
    # What has no room with the names alone goes on in the next line of the terminal.
    while look.width and spare and 2 + len(GAP) + sum(widths[n] + len(GAP) for n in columns) > look.width:
        columns.remove(spare.pop(0))
    marks = PLAIN_MARKS if look.plain else MARKS
    gap = " " * max(map(len, marks.values()))
    shown = [_line([gap, *(_cut(name, name, widths[name]) for name in columns)])]
    for cell, line in zip(cells, lines, strict=True):
        mark = _coloured(marks[cell.state], COLOURS[cell.state], look)
        shown.append(_line([mark, *(_cut(name, line[name], widths[name]) for name in columns)]))
    legend = ", ".join(f"{marks[state]} {state}" for state in MARKS if state in counted)
    return "\n".join([head, *(shown if lines else ()), f"{sums or 'nothing is asked'}  ({legend})", ""])


def to_json(cells: Sequence[Cell], head: str) -> str:
    """The same for other programs: {"run": text, "cells": [...]}, with null for what is not known."""
    return json.dumps({"run": head, "cells": [asdict(cell) for cell in cells]}, indent=1) + "\n"


def seconds(value: float) -> str:
    """A time as a person says it: 40 s, 12 min, 3.5 h, 2.1 d."""
    for limit, unit, size in ((100, "s", 1), (100 * 60, "min", 60), (48 * 3600, "h", 3600)):
        if value < limit:
            return f"{value / size:.{1 if unit == 'h' else 0}f} {unit}"
    return f"{value / 86400:.1f} d"


def _values(cell: Cell) -> dict[str, str]:
    approximate = "" if cell.exact else "~"
    return {
        "model": cell.model,
        "benchmark": cell.benchmark,
        "samples": approximate + _part(cell.samples),
        "truncated": f"{cell.truncated:,}" if cell.truncated else "",
        "errors": f"{cell.errors:,}" if cell.errors else "",
        "tokens/s": "" if cell.rate is None else f"{cell.rate:,.0f}",
        "left": "" if cell.left is None else seconds(cell.left),
        "graded": "" if cell.graded is None else _part(cell.graded),
        "questions": "" if cell.questions is None else _part(cell.questions),
        "games": "" if cell.games is None else _part(cell.games),
        "job": "" if cell.job is None else _job(cell.job),
        "server": cell.server,
        "remark": cell.remark,
    }


def _part(part: Part) -> str:
    done, wanted = ("?" if number is None else f"{number:,}" for number in (part.done, part.wanted))
    return f"{done}/{wanted}"


def _job(job: SlurmJob) -> str:
    where = f" on {job.node}" if job.node else ""
    return f"{job.id} {job.state.lower()}{where}" + (f" ({job.why})" if job.why else "")


def _cut(name: str, text: str, width: int) -> str:
    return text.rjust(width) if name in RIGHT else text.ljust(width)


def _line(parts: Sequence[str]) -> str:
    return GAP.join(parts).rstrip()


def _coloured(mark: str, colour: str, look: Look) -> str:
    return f"\033[{colour}m{mark}\033[0m" if look.colour else mark
