"""Metrics and leaderboards -> the summary tables."""

import json
from pathlib import Path

from snakeval.arena.board import read_board
from snakeval.asking.spending import read_bills
from snakeval.asking.spending import to_text as bills_to_text
from snakeval.judging.agreement import read_agreements
from snakeval.judging.calibration import read_calibrations
from snakeval.report.group_tables import group_tables, unanswered
from snakeval.report.judge_tables import judge_tables
from snakeval.report.summary import Display, combined, read_metrics, rows, to_csv, to_text
from snakeval.system.files import write_text
from snakeval.system.job import begin

if __name__ == "__main__":
    begin(snakemake)
    spec = json.loads(snakemake.params.spec)
    display = Display(spec["labels"], spec["k"])
    metrics = read_metrics(Path(path) for path in snakemake.input.metrics)
    boards = [read_board(Path(path)) for path in snakemake.input.leaderboards]
    judges = judge_tables(
        read_agreements(map(Path, snakemake.input.agreements)),
        read_calibrations(map(Path, snakemake.input.calibrations)),
    )
    bills = [bill for path in snakemake.input.costs for bill in read_bills(Path(path))]
    judges += group_tables(metrics, display) + unanswered(spec.get("unanswered", []), display)
    table = rows(metrics, display)
    write_text(Path(snakemake.output.csv), to_csv(table))
    write_text(
        Path(snakemake.output.md),
        to_text(table, boards, display, "github", judges) + bills_to_text(bills, "github"),
    )
    write_text(
        Path(snakemake.output.txt), to_text(table, boards, display, judges=judges) + bills_to_text(bills)
    )
    write_text(Path(snakemake.output.json), json.dumps(combined(metrics), indent=2) + "\n")
