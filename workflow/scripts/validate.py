"""What arenas still lack, as a table in the terminal."""

from pathlib import Path

from snakeval.arena.validate import table
from snakeval.config import load_config

if __name__ == "__main__":
    print(table(load_config(snakemake.config, Path.cwd(), check_data=False), Path("results")), flush=True)
