"""The files of a model on S3, as Snakemake has retrieved them -> a folder that an engine can serve."""

from pathlib import Path

from snakeval.models.checkpoints import gather
from snakeval.system.job import begin
from snakeval.system.origin import keep

if __name__ == "__main__":
    begin(snakemake)
    gather([Path(path) for path in snakemake.input], Path(snakemake.output[0]))
    keep(Path(snakemake.output[0]))
