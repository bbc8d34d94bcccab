"""The harness' results of all models -> one table."""

from pathlib import Path

from snakeval.config import load_config
from snakeval.harness.table import write_tables
from snakeval.system.job import begin

if __name__ == "__main__":
    begin(snakemake)
    config = load_config(snakemake.config, Path.cwd(), check_data=False)
    labels = {slug: model.label or slug for slug, model in config.served.items()}
    write_tables(
        [Path(path) for path in snakemake.input],
        Path(snakemake.output.csv),
        Path(snakemake.output.md),
        label=lambda slug: labels.get(slug, slug),
    )
