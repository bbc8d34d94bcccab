"""The settings' lists of names: none that runs nothing, silently, and no name twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from snakeval.config.errors import Report
from snakeval.schema import Settings

# Something to evaluate on.
WHAT = ("benchmarks", "arenas", "lm_eval")
WHAT_MODELS = (
    "name files of config/models, Hugging Face ids ('organisation/name' or 'organisation/name@revision') "
    "or local folders with a config.json"
)


def check_lists(settings: Settings, origin: Callable[[str], str], report: Report) -> None:
    """An empty list of models runs nothing, silently; so do no benchmarks and no arenas."""
    broken = {problem.key.partition("[")[0] for problem in report.problems}
    if not settings.models and "models" not in broken:
        report.add(origin("models"), "models", f"is empty: {WHAT_MODELS}")
    if not any(getattr(settings, key) for key in WHAT) and not broken & set(WHAT):
        message = "is empty, and so are 'arenas' and 'lm_eval': there is nothing to evaluate on"
        report.add(origin("benchmarks"), "benchmarks", message)
    for key in ("benchmarks", "arenas"):
        check_repeated(getattr(settings, key), origin(key), key, report)


def check_repeated(names: Sequence[str], file: str, key: str, report: Report) -> None:
    """Note each name that stands in a list twice."""
    for index, name in enumerate(names):
        if name in names[:index]:
            report.add(file, f"{key}[{index}]", f"'{name}' stands in the list twice")
