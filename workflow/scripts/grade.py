"""Generations -> grades, by a verifier or by comparison."""

import sys
from pathlib import Path

from snakeval.config import load_config
from snakeval.dag import lanes
from snakeval.grading.grade import grade
from snakeval.system.job import begin
from snakeval.system.members import keep, taken_back

if __name__ == "__main__":
    begin(snakemake)
    if taken_back(snakemake.output):
        sys.exit()
    config = load_config(snakemake.config, Path.cwd(), check_data=False)
    graders = config.benchmarks[snakemake.wildcards.benchmark].graders
    grade(
        Path(snakemake.input.problems),
        Path(snakemake.input.generations),
        Path(snakemake.output[0]),
        next(grader for grader in graders if grader.name == snakemake.wildcards.grader),
        lanes.reasoning(config, snakemake.wildcards.model),
        workers=snakemake.threads,
    )
    keep(snakemake.output)
