"""Rows of a finished output, taken into its journal where that was not copied along with it.

Snakemake deletes an output before it runs its job. So, before any job, the run as a whole links each finished
file whose journal has no rows into the journal's folder; its job finds it there.
"""

from __future__ import annotations

import logging
from pathlib import Path

from snakeval.answers.finish import ending
from snakeval.asking.ask import keep
from snakeval.dag.finished import NAME
from snakeval.journal.writer import JournalWriter
from snakeval.system.tables import SchemaError, read_rows
from snakeval.types import Generation

log = logging.getLogger(__name__)


def adopt(journal: Path) -> None:
    """Journal the rows of a finished output that lies in a journal's folder, if one does, and remove it."""
    path = journal / NAME
    if not path.is_file():
        return
    count = 0
    try:
        with JournalWriter(journal) as writer:
            for row in read_rows(path, Generation):
                if row.error is None and row.text is not None and ending(row.finish_reason) != "failed":
                    keep(writer, row, {})
                    count += 1
    except (SchemaError, ValueError) as error:
        log.warning("its rows are asked for again: %s", error)
    log.info("%d rows were taken from the finished output", count)
    path.unlink(missing_ok=True)
