"""Grades of the models under test -> paired comparisons."""

import json
from pathlib import Path

from snakeval.scoring.comparisons import compare, holm, read_outcomes, to_csv, to_json, to_table
from snakeval.system.files import write_text
from snakeval.system.job import begin

if __name__ == "__main__":
    begin(snakemake)
    spec = json.loads(snakemake.params.spec)
    outcomes = {path: read_outcomes(Path(path)) for path in snakemake.input}
    table = holm(
        [
            row
            for entry in spec["comparisons"]
            for row in compare(
                outcomes[entry["grades"]],
                outcomes[entry["other_grades"]],
                entry["ks"],
                rounds=spec["bootstrap"]["rounds"],
                seed=spec["bootstrap"]["seed"],
                names=entry["names"],
            )
        ]
    )
    write_text(Path(snakemake.output.csv), to_csv(table))
    write_text(Path(snakemake.output.md), to_table(table))
    write_text(Path(snakemake.output.json), to_json(table))
