"""Grades -> metrics with their validity, and the per-problem export."""

import json
from pathlib import Path

from snakeval.scoring.aggregate import aggregate
from snakeval.scoring.samples import commonest_error, write_export
from snakeval.scoring.validity import check
from snakeval.system.files import write_text
from snakeval.system.job import begin

if __name__ == "__main__":
    begin(snakemake)
    spec = json.loads(snakemake.params.spec)
    benchmark, model, grader = (snakemake.wildcards[key] for key in ("benchmark", "model", "grader"))
    files = [Path(snakemake.input[key]) for key in ("problems", "generations", "grades")]
    metrics = aggregate(
        *files,
        data_source=benchmark,
        model=model,
        grader=grader,
        n_samples=spec["n_samples"],
        rounds=spec["bootstrap"]["rounds"],
        seed=spec["bootstrap"]["seed"],
    )
    score = f"{benchmark}, model {model}, grader {grader}"
    check(metrics["validity"], spec["thresholds"], score, lambda: commonest_error(*files[1:]))
    write_export(*files, Path(snakemake.output.export), benchmark)
    write_text(Path(snakemake.output.metrics), json.dumps(metrics, indent=2) + "\n")
