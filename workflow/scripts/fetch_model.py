"""The files of a model on S3, as Snakemake has retrieved them -> a folder that an engine can serve."""

from pathlib import Path

from snakeval.models.checkpoints import gather
from snakeval.system.logs import log_to

if __name__ == "__main__":
    log_to(snakemake.log[0])
    gather([Path(path) for path in snakemake.input], Path(snakemake.output[0]))
