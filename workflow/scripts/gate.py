"""Grades of checkpoints and their parents -> a table, or a failure where one is worse."""

import json
from pathlib import Path

from snakeval.scoring.comparisons import read_outcomes
from snakeval.scoring.gate import checks, enforce, to_table
from snakeval.system.files import write_text
from snakeval.system.job import begin

if __name__ == "__main__":
    begin(snakemake)
    spec = json.loads(snakemake.params.spec)
    pairs = {
        tuple(entry["key"]): (
            read_outcomes(Path(entry["grades"])),
            read_outcomes(Path(entry["parent_grades"])),
        )
        for entry in spec["checks"]
    }
    found = checks(pairs, k=spec["k"], margin=spec["margin"], alpha=spec["alpha"])
    enforce(found, f"pass@{spec['k']}", spec["margin"], spec["alpha"])
    write_text(Path(snakemake.output[0]), to_table(found, "github"))
