"""Problem, generations and grades of one model on one benchmark -> one table, a row a sample."""

from pathlib import Path

from snakeval.config import load_config
from snakeval.dag import lanes
from snakeval.report.samples import write_samples
from snakeval.system.job import begin

if __name__ == "__main__":
    begin(snakemake)
    config = load_config(snakemake.config, Path.cwd(), check_data=False)
    benchmark, model = snakemake.wildcards.benchmark, snakemake.wildcards.model
    graders = [grader.name for grader in config.benchmarks[benchmark].graders]
    write_samples(
        Path(snakemake.input.problems),
        Path(snakemake.input.generations),
        dict(zip(graders, map(Path, snakemake.input.grades), strict=True)),
        lanes.reasoning(config, model),
        Path(snakemake.output[0]),
        (benchmark, model),
    )
