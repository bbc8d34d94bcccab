"""The outlook of a run as a table for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tabulate import tabulate

from snakeval.report.outlook import Outlook

UNKNOWN = "unknown"


def to_text(entries: Sequence[Outlook]) -> str:
    """One line a model and a last one with the sums; `~` marks what follows from other models' figures.

    Columns: allocations, GPUs of each, samples missing a benchmark and in all, hours that one server takes
    for them, and these times its GPUs.
    """
    benchmarks = list(dict.fromkeys(name for entry in entries for name in entry.missing))
    header = ["model", "allocations", "GPUs", *benchmarks, "missing", "server hours", "GPU-hours"]
    lines = [
        [
            entry.model,
            str(entry.allocations),
            _count(entry.gpus),
            *(_count(entry.missing[name]) if name in entry.missing else "" for name in benchmarks),
            _count(_sum(entry.missing.values())),
            _hours(entry.hours, entry.borrowed),
            _hours(entry.gpu_hours, entry.borrowed),
        ]
        for entry in entries
    ]
    align = ["left"] + ["right"] * (len(header) - 1)
    return tabulate([*lines, _sums(entries, benchmarks)], header, disable_numparse=True, colalign=align)


def _sums(entries: Sequence[Outlook], benchmarks: Sequence[str]) -> list[str]:
    counts = [_sum(entry.missing.get(name, 0) for entry in entries) for name in benchmarks]
    gpus = _sum(None if entry.gpus is None else entry.gpus * entry.allocations for entry in entries)
    borrowed = any(entry.borrowed for entry in entries)
    hours, gpu_hours = _sum(entry.hours for entry in entries), _sum(entry.gpu_hours for entry in entries)
    return [
        "all",
        str(sum(entry.allocations for entry in entries)),
        _count(gpus),
        *map(_count, counts),
        _count(_sum(counts)),
        _hours(hours, borrowed),
        _hours(gpu_hours, borrowed),
    ]


def _sum(values: Iterable[float | None]) -> float | None:
    """The sum, unknown where a part of it is."""
    listed = list(values)
    known = [value for value in listed if value is not None]
    return sum(known) if len(known) == len(listed) else None


def _count(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:,.0f}"


def _hours(value: float | None, borrowed: bool) -> str:
    return UNKNOWN if value is None else f"{'~' if borrowed else ''}{value:.2f}"
