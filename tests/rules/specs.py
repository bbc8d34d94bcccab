"""Snakemake's dry run with the `spec` of every job it would run, as JSON: python specs.py FILE [ARGUMENTS].

Run in a project's folder. FILE gets {output: spec}, each job under the first of its outputs.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from snakemake import cli
from snakemake.workflow import Workflow

execute = Workflow.execute


def main(file: Path, arguments: list[str]) -> None:
    """Write the specs of a dry run, then exit as Snakemake does."""

    def noting(self: Any, *args: Any, **named: Any) -> Any:
        done = execute(self, *args, **named)
        jobs = [job for job in self.dag.jobs if "spec" in job.params.keys()]  # noqa: SIM118 - no mapping
        specs = {str(job.output[0]): str(job.params.spec) for job in jobs}
        file.write_text(json.dumps(dict(sorted(specs.items())), indent=1, ensure_ascii=False) + "\n")
        return done

    Workflow.execute = noting
    cli.main(["-n", "--quiet=all", *arguments])


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
