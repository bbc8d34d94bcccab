"""Metrics and leaderboards -> plots, report.html and the site, which shows the samples behind them."""

import json
from pathlib import Path

from snakeval.arena.board import read_board
from snakeval.asking.spending import read_bills
from snakeval.config import load_config
from snakeval.judging.agreement import read_agreements
from snakeval.judging.calibration import read_calibrations
from snakeval.report.group_tables import group_tables, unanswered
from snakeval.report.judge_tables import judge_tables
from snakeval.report.page import bills_table, html
from snakeval.report.site.build import Site, build
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
    config = load_config(snakemake.config, Path.cwd(), check_data=False)
    tables = [*judges, *([bills_table(bills)] if bills else [])]
    build(Site(config, display, metrics, boards, tables, Path(snakemake.output.site).parent))
