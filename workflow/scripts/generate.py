"""Problems x model -> generations, asked for here or gathered from shards."""

from pathlib import Path

from snakeval.config import load_config
from snakeval.dag import plan
from snakeval.generation.generate import gather, generate
from snakeval.system.job import begin

if __name__ == "__main__":
    begin(snakemake)
    benchmark, model = snakemake.wildcards.benchmark, snakemake.wildcards.model
    service, shards = snakemake.input.get("service"), snakemake.input.get("shards")
    config = load_config(snakemake.config, Path.cwd(), check_data=False)
    files = {
        "problems": Path(snakemake.input.problems),
        "serving": Path(snakemake.input.config),
        "journal": plan.journal("generations", benchmark, model),
        "output": Path(snakemake.output[0]),
    }
    if shards:
        gather(config, benchmark, model, shards=[Path(path) for path in shards], **files)
    else:
        generate(config, benchmark, model, service=Path(service) if service else None, **files)
