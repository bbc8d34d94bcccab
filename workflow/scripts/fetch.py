"""What the configuration needs from the network -> the caches of this machine."""

from pathlib import Path

from snakeval.config import load_config
from snakeval.fetch import fetch_all
from snakeval.system.logs import log_to

if __name__ == "__main__":
    log_to(snakemake.log[0])
    config = load_config(snakemake.config, Path.cwd(), check_data=False)
    print("\n".join(["Fetched, or there already:", *fetch_all(config, Path.cwd())]), flush=True)
