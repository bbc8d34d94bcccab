"""Slurm's jobs of this folder's run: which samples each is for, its state, its node, why it waits.

Which job is of what Snakemake alone knows; the run's terminal notes it (see `snakeval.status.terminal`).
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from snakeval.system.files import replacing

JOBS = Path(".snakemake/auxiliary/slurm_jobs.json")
FORMAT = "%i|%T|%N|%r"
PATIENCE = 10.0
HAS_A_NODE = frozenset({"RUNNING", "COMPLETING", "SUSPENDED", "STAGE_OUT", "CONFIGURING"})


@dataclass(frozen=True, slots=True)
class SlurmJob:
    """A job as squeue shows it; `why` is the reason for which it is pending."""

    id: str
    state: str
    node: str = ""
    why: str = ""

    @property
    def runs(self) -> bool:
        """Whether it has a node."""
        return self.state in HAS_A_NODE


def noted() -> dict[str, list[tuple[str, str]]]:
    """(model, benchmark) pairs by the id of the job that is for them, as the run has noted them."""
    try:
        found = json.loads(JOBS.read_bytes())
        return {str(job): [(str(m), str(b)) for m, b in pairs] for job, pairs in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def note_jobs(known: Mapping[str, list[tuple[str, str]]]) -> None:
    """Note which job is for which (model, benchmark) pairs; where that can't be, nobody is told."""
    with suppress(OSError):
        JOBS.parent.mkdir(parents=True, exist_ok=True)
        with replacing(JOBS, durable=False) as path:
            path.write_text(json.dumps(known))


def queued(known: Mapping[str, list[tuple[str, str]]]) -> dict[tuple[str, str], SlurmJob]:
    """The jobs that Slurm has now, by (model, benchmark); those that run before those that wait."""
    found: dict[tuple[str, str], SlurmJob] = {}
    for job in _squeue() if known else ():
        for pair in known.get(job.id, ()):
            if pair not in found or (job.runs and not found[pair].runs):
                found[pair] = job
    return found


def _squeue() -> list[SlurmJob]:
    command = ["squeue", "--me", "--noheader", "--format", FORMAT]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    jobs = []
    for line in asked.stdout.splitlines() if asked.returncode == 0 else ():
        parts = [part.strip() for part in line.split("|", 3)]
        if len(parts) == 4:
            name, state, node, why = parts
            jobs.append(SlurmJob(name, state, node, "" if why == "None" else why))
    return jobs
