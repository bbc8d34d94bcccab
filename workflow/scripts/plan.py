"""Configuration and journals -> a table of what a run would ask for."""

import json
import logging
import sys
from pathlib import Path

from snakeval.config import load_config
from snakeval.report.outlook import outlooks
from snakeval.report.outlook_table import to_text
from snakeval.system.logs import log_to

if __name__ == "__main__":
    log_to(snakemake.log[0])
    config = load_config(snakemake.config, Path.cwd(), check_data=False)
    services = {(name, model): tuple(of) for name, model, of in json.loads(snakemake.params.services)}
    console = logging.StreamHandler(sys.stdout)
    console.setLevel(logging.WARNING)  # why something is unknown
    logging.getLogger("snakeval").addHandler(console)
    print(to_text(outlooks(config, services)), flush=True)
