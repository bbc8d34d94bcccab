"""Which grades are compared, and the identities of the comparisons; evaluated while the DAG is built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snakeval.config import Config
from snakeval.dag.identity import VERSIONS, dumps

if TYPE_CHECKING:  # the types bring pyarrow, which parsing the workflow does not need
    from snakeval.types import Json


def compared(config: Config) -> list[str]:
    """The grades of all models that are compared."""
    return _paths(_comparisons(config), "grades", "other_grades")


def gated(config: Config) -> list[str]:
    """The grades of all checkpoints and their parents."""
    return _paths(_checks(config), "grades", "parent_grades")


def compare_spec(config: Config) -> str:
    """Identity of results/comparisons.csv."""
    bootstrap = config.settings.bootstrap.model_dump()
    version = VERSIONS["compare"]
    return dumps({"version": version, "comparisons": _comparisons(config), "bootstrap": bootstrap})


def gate_spec(config: Config) -> str:
    """Identity of results/gate.md."""
    gate = config.settings.gate
    chosen = {"k": int(gate.metric.removeprefix("pass@")), "margin": gate.margin, "alpha": gate.alpha}
    return dumps({"version": VERSIONS["gate"], "checks": _checks(config), **chosen})


def _comparisons(config: Config) -> list[Json]:
    return [
        {
            "names": {"benchmark": benchmark, "grader": grader, "model": model, "other": other},
            "grades": _grades(benchmark, model, grader),
            "other_grades": _grades(benchmark, other, grader),
            "ks": config.settings.compare.k or config.benchmarks[benchmark].k or (),
        }
        for benchmark, grader in _graders(config)
        for model, other in config.compared
        if config.answers(model, benchmark) and config.answers(other, benchmark)
    ]


def _checks(config: Config) -> list[Json]:
    return [
        {
            "key": [benchmark, grader, model, parent],
            "grades": _grades(benchmark, model, grader),
            "parent_grades": _grades(benchmark, parent, grader),
        }
        for benchmark, grader in _graders(config)
        for model, parent in config.parents.items()
        if config.answers(model, benchmark) and config.answers(parent, benchmark)
    ]


def _graders(config: Config) -> list[tuple[str, str]]:
    return [
        (benchmark, grader.name)
        for benchmark in config.settings.benchmarks
        for grader in config.benchmarks[benchmark].graders
    ]


def _grades(benchmark: str, model: str, grader: str) -> str:
    return f"results/grades/{benchmark}/{model}/{grader}.parquet"


def _paths(entries: list[Json], *keys: str) -> list[str]:
    return list(dict.fromkeys(entry[key] for entry in entries for key in keys))
