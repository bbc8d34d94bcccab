"""Judgments of an arena's judges -> agreement of each two of them."""

import json
from itertools import combinations
from pathlib import Path

from snakeval.judging.agreement import agreement
from snakeval.judging.judgments import read_judgments
from snakeval.system.files import write_text
from snakeval.system.job import begin

if __name__ == "__main__":
    begin(snakemake)
    spec = json.loads(snakemake.params.spec)
    judged: dict[str, list[Path]] = {judge: [] for judge in spec["judges"]}
    for path in map(Path, snakemake.input):
        judged[path.parent.parent.name].append(path)
    rows = {
        judge: [row for path in paths for row in read_judgments(path, spec["baselines"])]
        for judge, paths in judged.items()
    }
    found = [
        {"arena": snakemake.wildcards.arena, "judges": [one, other], **agreement(rows[one], rows[other])}
        for one, other in combinations(spec["judges"], 2)
    ]
    write_text(Path(snakemake.output[0]), json.dumps(found, indent=2) + "\n")
