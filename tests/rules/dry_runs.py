"""Snakemake's dry run in each folder that is named on a line of stdin; each is answered by a line.

Each folder gets stale.json, {rule: the first outputs of its jobs}, and dry_run.log. Snakemake, which takes
longer to import than a dry run of few jobs takes, is imported once; each folder is a fork of that.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from snakemake import cli
from snakemake.workflow import Workflow

execute = Workflow.execute


def dry_run(folder: Path) -> None:
    """One dry run, in this process."""

    def noting(self: Any, *args: Any, **named: Any) -> Any:
        done = execute(self, *args, **named)
        stale: dict[str, list[str]] = {}
        for job in self.dag.needrun_jobs(exclude_finished=False):
            stale.setdefault(job.rule.name, []).append(str(job.output[0]) if job.output else "")
        found = {rule: sorted(outputs) for rule, outputs in sorted(stale.items())}
        Path("stale.json").write_text(json.dumps(found))
        return done

    os.chdir(folder)
    log = os.open("dry_run.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(log, 1)
    os.dup2(log, 2)
    Workflow.execute = noting
    cli.main(["-n"])


if __name__ == "__main__":
    for line in sys.stdin:
        if (child := os.fork()) == 0:
            dry_run(Path(line.strip()))
            os._exit(1)  # never reached: Snakemake exits
        os.waitpid(child, 0)
        sys.stdout.write(line)
        sys.stdout.flush()
