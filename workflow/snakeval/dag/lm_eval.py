"""Files and identities of the tasks of lm-evaluation-harness; evaluated while the DAG is built."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

from snakeval.config import Config
from snakeval.config.tries import folder
from snakeval.dag.digests import content
from snakeval.dag.identity import VERSIONS, dumps, model


def results(config: Config) -> list[str]:
    """One results file a task and model under test."""
    return [f"results/lm_eval/{task}/{slug}.json" for task in config.lm_eval for slug in config.models]


def tables(config: Config) -> list[str]:
    """The table over all of them, if there are any."""
    return [f"{folder(config.settings)}/lm_eval.md"] if config.lm_eval else []


def task_spec(config: Config, task: str) -> str:
    """Identity of results/lm_eval/{task}.json: the task's file, the harness' version, the folder it is in."""
    chosen = config.lm_eval[task]
    folder = chosen.include_path
    return dumps(
        {
            "version": VERSIONS["lm_eval"],
            "task": chosen.model_dump(),
            "harness": _harness(),
            "include": _contents(Path(folder)) if folder else None,
        }
    )


def run_spec(config: Config, task: str, slug: str) -> str:
    """Identity of results/lm_eval/{task}/{model}.json."""
    return dumps({"task": task_spec(config, task), "model": model(config.served[slug])})


def table_spec(config: Config) -> str:
    """Identity of results/lm_eval.csv: the labels it shows."""
    labels = {slug: config.served[slug].label for slug in config.models}
    return dumps({"version": VERSIONS["lm_eval"], "labels": labels})


def _contents(folder: Path) -> dict[str, str | None]:
    files = (path for pattern in ("*.yaml", "*.py", "*.json*") for path in folder.rglob(pattern))
    return {str(path.relative_to(folder)): content(str(path)) for path in sorted(files)}


def _harness() -> str | None:
    try:
        return importlib.metadata.version("lm_eval")
    except importlib.metadata.PackageNotFoundError:
        return None
