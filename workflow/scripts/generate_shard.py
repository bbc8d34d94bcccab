"""Some of the problems x model -> their generations."""

from pathlib import Path

from snakeval.asking.shards import Shard
from snakeval.config import load_config
from snakeval.dag import plan
from snakeval.generation.generate import generate
from snakeval.system.job import begin

if __name__ == "__main__":
    begin(snakemake)
    benchmark, model = snakemake.wildcards.benchmark, snakemake.wildcards.model
    service = snakemake.input.get("service")
    generate(
        load_config(snakemake.config, Path.cwd(), check_data=False),
        benchmark,
        model,
        problems=Path(snakemake.input.problems),
        serving=Path(snakemake.input.config),
        service=Path(service) if service else None,
        journal=plan.journal("generations", benchmark, model),
        output=Path(snakemake.output[0]),
        shard=Shard(int(snakemake.wildcards.shard), int(snakemake.wildcards.shards)),
    )
