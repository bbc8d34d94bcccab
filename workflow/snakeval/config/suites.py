"""Suites: benchmarks under one name."""

from __future__ import annotations

from snakeval.config.errors import Report
from snakeval.config.reading import Files
from snakeval.schema import Settings

# Something to evaluate on.
WHAT = ("benchmarks", "arenas", "lm_eval")
WHAT_MODELS = (
    "name files of config/models, Hugging Face ids ('organisation/name' or 'organisation/name@revision') "
    "or local folders with a config.json"
)


def expanded(settings: Settings, files: Files, file: str, report: Report) -> Settings:
    """The settings with each suite's benchmarks in the place of its name, each benchmark once.

    Mistakes in `suites`, which stands in `file`, are noted; an unknown name is left out here and noted by
    who reads the benchmarks.
    """
    known, suites = files.names("benchmarks"), settings.suites
    for name, members in suites.items():
        if name in known:
            what = files.label("benchmarks", name)
            report.add(file, f"suites.{name}", f"is the name of a benchmark as well ({what})")
        for index, member in enumerate(members):
            if member not in known:
                report.add(file, f"suites.{name}[{index}]", files.unknown("benchmarks", member))
    named = [member for name in settings.benchmarks for member in suites.get(name, (name,))]
    benchmarks = tuple(member for member in dict.fromkeys(named) if member in known)
    return settings.model_copy(update={"benchmarks": benchmarks})
