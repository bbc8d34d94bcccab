"""Models under test -> servers of them that are kept, on Slurm where the profile says so."""

import logging
from pathlib import Path

from snakeval import servers
from snakeval.config import load_config
from snakeval.serving.kept.models import keep_with
from snakeval.system.logs import log_to

if __name__ == "__main__":
    log_to(snakemake.log[0])
    config = load_config(snakemake.config, Path.cwd(), check_data=False)
    resources = dict(snakemake.resources.items())
    for model in snakemake.params.models:
        started = keep_with(config, model, resources, snakemake.threads)
        logging.info("%s: started %s", model, ", ".join(server.name for server in started) or "none")
    servers.main(["list"])
