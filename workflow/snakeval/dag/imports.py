"""Published judgments that an arena's leaderboards take in; evaluated while the DAG is built."""

from __future__ import annotations

from pathlib import Path

from snakeval.config import Config
from snakeval.dag.patterns import either


def imported(config: Config, arena: str, judge: str) -> dict[str, str]:
    """Files of published judgments by model, of those models that are not asked here."""
    folder = config.arenas[arena].imported
    if folder is None:
        return {}
    found = sorted(Path(folder, "model_judgment", judge).glob("*.jsonl"))
    return {path.stem: str(path) for path in found if path.stem not in config.served}


def all_imported(config: Config) -> str:
    """The models of all published judgments, as a regular expression nothing if there are none."""
    pairs = [(arena, judge) for arena, each in config.arenas.items() for judge in each.judges]
    return either(model for pair in pairs for model in imported(config, *pair))
