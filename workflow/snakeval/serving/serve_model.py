"""What the `serve` rule execs: python -m snakeval.serving.serve_model SETTINGS MODEL, then a service's.

SETTINGS is the workflow's configuration as JSON. The rule has no parameters on purpose: Snakemake compares
those, and one GPU more, or another Python, would make the service stale and with it every generation.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from snakeval.config import load_config
from snakeval.dag import plan
from snakeval.serving import service


def main() -> int:
    """Own the server of one model of a configuration."""
    settings, model, *options = sys.argv[1:]
    config = load_config(json.loads(settings), Path.cwd(), check_data=False)
    return service.main([*options, "--spec", plan.serve_spec(config, model)])


if __name__ == "__main__":
    sys.exit(main())
