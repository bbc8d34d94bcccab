"""Answers made elsewhere -> generations."""

from pathlib import Path

from snakeval.config import load_config
from snakeval.generation.recorded import import_answers
from snakeval.system.job import begin

if __name__ == "__main__":
    begin(snakemake)
    config = load_config(snakemake.config, Path.cwd(), check_data=False)
    benchmark = snakemake.wildcards.benchmark
    source = config.served[snakemake.wildcards.model].answers[benchmark]
    problems, output = Path(snakemake.input.problems), Path(snakemake.output[0])
    import_answers(source, Path.cwd(), problems, output, benchmark)
