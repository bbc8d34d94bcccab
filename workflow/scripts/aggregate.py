"""Grades -> metrics with their validity, and the per-problem export."""

import json
import sys
from pathlib import Path

from snakeval.scoring.again import check_or_ask_again
from snakeval.scoring.aggregate import aggregate
from snakeval.scoring.samples import write_export
from snakeval.system.files import write_text
from snakeval.system.job import begin
from snakeval.system.members import keep, taken_back

if __name__ == "__main__":
    begin(snakemake)
    if taken_back(snakemake.output):
        sys.exit()
    spec = json.loads(snakemake.params.spec)
    of = snakemake.wildcards
    score = {"data_source": of.benchmark, "model": of.model, "grader": of.grader}
    files = [Path(snakemake.input[key]) for key in ("problems", "generations", "grades")]
    metrics = aggregate(
        *files, **score, n_samples=spec["n_samples"], **spec["bootstrap"], by=spec.get("by", ())
    )
    check_or_ask_again(metrics["validity"], spec["thresholds"], *files[1:], **score)
    export = Path(snakemake.output.export)
    write_export(*files, export, score["data_source"], publish=spec.get("publish", True))
    write_text(Path(snakemake.output.metrics), json.dumps(metrics, indent=2) + "\n")
    keep(snakemake.output)
