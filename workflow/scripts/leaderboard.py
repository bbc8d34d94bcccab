"""Judgments -> leaderboard."""

import json
from pathlib import Path

from snakeval.files import write_text
from snakeval.leaderboard import leaderboard, to_csv, to_json, to_table
from snakeval.logs import log_to

if __name__ == "__main__":
    log_to(snakemake.log[0])
    spec = json.loads(snakemake.params.spec)
    board = leaderboard(
        [Path(path) for path in snakemake.input],
        arena=snakemake.wildcards.arena,
        judge=snakemake.wildcards.judge,
        baseline=spec["baseline"],
        weight=spec["weight"],
        rounds=spec["bootstrap"]["rounds"],
        seed=spec["bootstrap"]["seed"],
        thresholds=spec["thresholds"],
    )
    write_text(Path(snakemake.output.csv), to_csv(board))
    write_text(Path(snakemake.output.md), to_table(board))
    write_text(Path(snakemake.output.json), to_json(board))
