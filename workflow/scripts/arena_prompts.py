"""An arena's prompts, in our own or in the official wording."""

from pathlib import Path

from snakeval.arena.wordings import write_prompts
from snakeval.config import load_config
from snakeval.system.job import begin

if __name__ == "__main__":
    begin(snakemake)
    config = load_config(snakemake.config, Path.cwd(), check_data=False)
    write_prompts(config.arenas[snakemake.wildcards.arena], Path(snakemake.output[0]))
