"""How every script begins: its log, and what its outputs are of."""

from __future__ import annotations

from typing import Any

from snakeval.system import origin
from snakeval.system.logs import log_to

FETCHED = ".snakemake/"  # where Snakemake keeps files of a storage, which it knows by their URLs


def begin(job: Any) -> None:
    """Log to the rule's log file and note what the outputs are of; `job` is the script's `snakemake`."""
    log_to(job.log[0])
    inputs: dict[str, str] | None = {str(path): str(path) for path in job.input}
    if any(path.startswith(FETCHED) for path in job.input):
        inputs = None
    origin.say(map(str, job.output), job.params.spec, inputs)
