"""Finished files that Snakemake would lose: it deletes outputs before jobs run, and spares what it can.

Generations without their journals are kept for the job that makes them anew; damaged files are asked for.
"""

from __future__ import annotations

from pathlib import Path

from snakeval.config import Config
from snakeval.dag import plan
from snakeval.system.files import DAMAGED, link

NAME = "finished.parquet"
"""The link in a journal's folder, from which the job takes the rows (see `snakeval.asking.adopt`)."""


def link_finished(config: Config) -> None:
    """Link each finished file of generations into the folder of its journal, if that has no rows."""
    for benchmark, model in plan.answered(config):
        output = Path(f"results/generations/{benchmark}/{model}.parquet")
        journal = plan.journal("generations", benchmark, model)
        if output.is_file() and next(journal.glob("*.jsonl"), None) is None:
            link(output, journal / NAME)


def damaged(config: Config) -> list[str]:
    """Files that were found damaged and are not made anew yet, of those that the configuration knows.

    Snakemake makes no file that is missing between others that are there; a run of everything asks for these.
    """
    answers = [f"{benchmark}/{model}" for benchmark, model in plan.answered(config)]
    graded = [Path(path).relative_to("results/metrics").with_suffix("") for path in plan.metrics(config)]
    problems = {name.partition("/")[0] for name in answers}
    known = {f"results/problems/{name}.parquet" for name in problems}
    known |= {f"results/generations/{name}.parquet" for name in answers}
    known |= {f"results/grades/{name}.parquet" for name in graded}
    folders = ("problems", "generations/*", "grades/*/*")
    found = (path for folder in folders for path in Path("results").glob(f"{folder}/*.parquet{DAMAGED}"))
    names = sorted(str(path).removesuffix(DAMAGED) for path in found)
    return [name for name in names if name in known and not Path(name).exists()]
