"""Published judgments -> ours."""

import json
from pathlib import Path

from snakeval.arena.exchange import import_one
from snakeval.system.job import begin

if __name__ == "__main__":
    begin(snakemake)
    path, baseline = Path(snakemake.input[0]), json.loads(snakemake.params.spec)["baseline"]
    import_one(path, Path(snakemake.output[0]), baseline, path.parents[2] / "model_answer")
