"""Task x model -> the harness' results."""

from pathlib import Path

from snakeval.config import load_config
from snakeval.dag import plan
from snakeval.harness.run import run_task
from snakeval.system.job import begin

if __name__ == "__main__":
    begin(snakemake)
    task, model = snakemake.wildcards.task, snakemake.wildcards.model
    service = snakemake.input.get("service")
    run_task(
        load_config(snakemake.config, Path.cwd(), check_data=False),
        task,
        model,
        serving=Path(snakemake.input.config),
        service=Path(service) if service else None,
        journal=plan.journal("lm_eval", task, model),
        output=Path(snakemake.output[0]),
    )
