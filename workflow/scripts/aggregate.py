"""Grades -> metrics with their validity, and the per-problem export."""

import json
import sys
from pathlib import Path

from snakeval.dag.retries import ask_again
from snakeval.scoring.aggregate import aggregate
from snakeval.scoring.samples import commonest_error, lost, write_export
from snakeval.scoring.validity import ValidityError, check
from snakeval.system.files import write_text
from snakeval.system.job import begin
from snakeval.system.members import keep, taken_back

if __name__ == "__main__":
    begin(snakemake)
    if taken_back(snakemake.output):
        sys.exit()
    spec = json.loads(snakemake.params.spec)
    benchmark, model, grader = (snakemake.wildcards[key] for key in ("benchmark", "model", "grader"))
    files = [Path(snakemake.input[key]) for key in ("problems", "generations", "grades")]
    metrics = aggregate(
        *files,
        data_source=benchmark,
        model=model,
        grader=grader,
        n_samples=spec["n_samples"],
        **spec["bootstrap"],
        by=spec.get("by", ()),
    )
    score = f"{benchmark}, model {model}, grader {grader}"
    try:
        check(metrics["validity"], spec["thresholds"], score, lambda: commonest_error(*files[1:]))
    except ValidityError as error:
        from snakeval.dag import plan  # which checks configurations, and no score that stands needs

        ungraded = plan.journal("grades", benchmark, model, grader)
        journal = plan.journal("generations", benchmark, model) if lost(files[1]) else ungraded
        if "infrastructure_failed" not in error.causes or not journal.is_dir():
            raise
        ask_again(journal)
        raise ValidityError(f"{error}\nThe next run asks once more for those.", error.causes) from None
    write_export(*files, Path(snakemake.output.export), benchmark, publish=spec.get("publish", True))
    write_text(Path(snakemake.output.metrics), json.dumps(metrics, indent=2) + "\n")
    keep(snakemake.output)
