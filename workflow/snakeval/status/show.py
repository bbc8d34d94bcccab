"""What `snakemake status` and `python -m snakeval.status` show."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from snakeval.config import Config, load_config
from snakeval.dag import next_step
from snakeval.status.cells import Cell, cells
from snakeval.status.slurm import noted, queued
from snakeval.status.table import Look, to_text

# Snakemake's options that change the configuration.
CHOOSING = ("--config", "-C")


def running() -> tuple[str, dict[str, Any] | None]:
    """Whether Snakemake runs in this folder, in words, and the settings of its run where they are known."""
    found = next_step.heads(Path.cwd())
    try:
        head = json.loads(next_step.HEAD.read_text(encoding="utf-8"))
        settings = head.get("config") if int(head["pid"]) in found else None
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        settings = None
    if found:
        return f"Snakemake runs here (process {found[0]})", settings
    if any(Path(".snakemake/locks").glob("*")):
        return "no Snakemake runs here on this machine, but the folder is locked", None
    return "no Snakemake runs here", None


def print_status(config: Config, arguments: Sequence[str]) -> None:
    """The table on standard output: of this configuration if `arguments` choose it, or of the run here."""
    head, settings = running()
    if settings is not None and not any(word.startswith(CHOOSING) for word in arguments):
        config = load_config(settings, Path.cwd(), check_data=False)
    print(to_text(look(config), head, Look.of_terminal()), end="", flush=True)


def look(config: Config) -> list[Cell]:
    """The cells as they are now."""
    return cells(config, queued(noted()))
