"""Metrics and leaderboards -> plots and report.html."""

import json
from pathlib import Path

from snakeval.arena.board import read_board
from snakeval.asking.spending import read_bills
from snakeval.judging.agreement import read_agreements
from snakeval.judging.calibration import read_calibrations
from snakeval.report.group_tables import group_tables, unanswered
from snakeval.report.judge_tables import judge_tables
from snakeval.report.page import html
from snakeval.report.summary import Display, read_metrics
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
    judges += group_tables(metrics, display) + unanswered(spec.get("unanswered", []), display)
    plots: dict[str, str] = {}
    for path in map(Path, snakemake.output.plots):
        from snakeval.report.plots import pass_at_k_svg  # matplotlib, for those who have a plot

        plots[path.stem] = pass_at_k_svg(metrics, path.stem, display)
        write_text(path, plots[path.stem])
    bills = [bill for path in snakemake.input.costs for bill in read_bills(Path(path))]
    write_text(Path(snakemake.output.html), html(metrics, boards, display, plots, bills, judges))
