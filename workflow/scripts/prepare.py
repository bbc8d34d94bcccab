"""Benchmark source -> problems."""

from pathlib import Path

from snakeval.config import load_config
from snakeval.problems.prepare import prepare
from snakeval.system.job import begin

if __name__ == "__main__":
    begin(snakemake)
    name = snakemake.wildcards.benchmark
    config = load_config(snakemake.config, Path.cwd(), check_data=False)
    corrections = config.corrections.get(name, ())
    prepare(name, config.benchmarks[name], Path.cwd(), Path(snakemake.output[0]), corrections)
