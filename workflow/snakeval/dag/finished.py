"""Finished generations without their journals, kept from Snakemake, which deletes outputs before jobs run."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from snakeval.config import Config
from snakeval.dag import plan

NAME = "finished.parquet"
"""The link in a journal's folder, from which the job takes the rows (see `snakeval.asking.adopt`)."""


def link_finished(config: Config) -> None:
    """Link each finished file of generations into the folder of its journal, if that has no rows."""
    for benchmark, model in plan.answered(config):
        output = Path(f"results/generations/{benchmark}/{model}.parquet")
        journal = plan.journal("generations", benchmark, model)
        if output.is_file() and next(journal.glob("*.jsonl"), None) is None:
            link(output, journal / NAME)


def link(output: Path, name: Path) -> None:
    """A second name for a file, or a copy where it can't have one; on a full disk neither."""
    name.parent.mkdir(parents=True, exist_ok=True)
    with suppress(OSError):
        name.unlink(missing_ok=True)
        try:
            os.link(output, name)
        except OSError:
            shutil.copy2(output, name)
