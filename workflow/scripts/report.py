"""Metrics and leaderboards -> plots and report.html."""

import json
from pathlib import Path

from snakeval.files import write_text
from snakeval.leaderboard import read_board
from snakeval.logs import log_to
from snakeval.report import html, pass_at_k_svg
from snakeval.spending import read_bills
from snakeval.summary import Display, read_metrics

if __name__ == "__main__":
    log_to(snakemake.log[0])
    spec = json.loads(snakemake.params.spec)
    display = Display(spec["labels"], spec["k"])
    metrics = read_metrics(Path(path) for path in snakemake.input.metrics)
    boards = [read_board(Path(path)) for path in snakemake.input.leaderboards]
    for plot in (Path(path) for path in snakemake.output.plots):
        write_text(plot, pass_at_k_svg(metrics, plot.stem, display))
    bills = [bill for path in snakemake.input.costs for bill in read_bills(Path(path))]
    write_text(Path(snakemake.output.html), html(metrics, boards, display, bills))
