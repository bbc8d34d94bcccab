"""Model -> serving config."""

from pathlib import Path

from snakeval.config import load_config
from snakeval.models.infer import infer_config
from snakeval.system.job import begin

if __name__ == "__main__":
    begin(snakemake)
    config = load_config(snakemake.config, Path.cwd(), check_data=False)
    slug = snakemake.wildcards.model
    infer_config(slug, config.served[slug], config.settings.gpus, Path(snakemake.output[0]))
