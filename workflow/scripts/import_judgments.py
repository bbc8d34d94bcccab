"""Published judgments -> ours."""

import json
from pathlib import Path

from snakeval.arena.exchange import import_one
from snakeval.system.logs import log_to

if __name__ == "__main__":
    log_to(snakemake.log[0])
    path, baseline = Path(snakemake.input[0]), json.loads(snakemake.params.spec)["baseline"]
    import_one(path, Path(snakemake.output[0]), baseline, path.parents[2] / "model_answer")
