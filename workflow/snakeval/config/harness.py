"""Tasks of lm-evaluation-harness that the settings name."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from snakeval.config.errors import Report
from snakeval.config.reading import Files
from snakeval.schema import LmEvalTask, Settings


def lm_eval_tasks(
    settings: Settings, files: Files, root: Path, file: str, report: Report, deep: bool
) -> dict[str, LmEvalTask]:
    """Tasks by name, in order: a file in config/lm_eval, or else the harness' own name of a task.

    With `deep`, folders and the harness itself must be there; what a task is called in the harness is
    checked by the rule `lm_eval_task`, before any server starts.
    """
    found: dict[str, LmEvalTask] = {}
    if settings.lm_eval and deep and importlib.util.find_spec("lm_eval") is None:
        report.add(
            file, "lm_eval", "needs Snakeval's optional dependencies 'lm-eval', which are not installed"
        )
    for index, name in enumerate(settings.lm_eval):
        if name in found:
            report.add(file, f"lm_eval[{index}]", f"'{name}' stands in the list twice")
            continue
        if name not in files.names("lm_eval"):
            found[name] = LmEvalTask(task=name)
            continue
        task = files.find("lm_eval", name, LmEvalTask, file, f"lm_eval[{index}]")
        if task is None:
            continue
        found[name] = task
        if deep and task.include_path and not (root / task.include_path).is_dir():
            message = f"there is no folder '{task.include_path}'"
            report.add(files.label("lm_eval", name), "include_path", message)
    return found
