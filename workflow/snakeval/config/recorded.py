"""Models whose answers were made elsewhere: to which benchmarks there are some."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from snakeval.config.errors import Report, listed
from snakeval.config.places import Place
from snakeval.schema import Model


def check_recorded(
    model: Model, place: Place, benchmarks: Sequence[str], known: Collection[str], report: Report
) -> None:
    """Note a mistake where a model has recorded answers, but none to any of the benchmarks.

    If there are some, lacking others is a warning, unless an answered name is none of `known`: a benchmark
    may be misspelt.
    """
    lacking = [name for name in benchmarks if name not in model.answers]
    if model.engine != "recorded" or not model.answers or not lacking:
        return
    misspelt = any(name not in known for name in model.answers)
    if len(lacking) == len(benchmarks) or misspelt:
        message = f"has none to '{lacking[0]}' (there are some to: {listed(model.answers)})"
        report.add(place.file, place.key("answers"), message)
    else:
        report.warn(place.file, place.key("answers"), f"has none to {listed(lacking)}")
