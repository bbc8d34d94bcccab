"""A task's name -> what it is; its data are fetched."""

from pathlib import Path

from snakeval.config import load_config
from snakeval.harness.run import describe_task
from snakeval.system.job import begin

if __name__ == "__main__":
    begin(snakemake)
    config = load_config(snakemake.config, Path.cwd(), check_data=False)
    describe_task(config.lm_eval[snakemake.wildcards.task], Path(snakemake.output[0]))
