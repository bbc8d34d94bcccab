"""Finished files that Snakemake would lose: it deletes outputs before jobs run, and spares what it can.

Generations without their journals are kept for the job that makes them anew; damaged files are asked for.
"""

from __future__ import annotations

from pathlib import Path

from snakeval.config import Config
from snakeval.dag import plan
from snakeval.system.files import DAMAGED, link
from snakeval.system.origin import beside

NAME = "finished.parquet"
"""The link in a journal's folder, from which the job takes the rows (see `snakeval.asking.adopt`)."""
JUDGED = "finished.judgments"
"""That to a file of judgments (see `snakeval.arena.adopt`); the file beside it is linked as well."""


def link_finished(config: Config) -> None:
    """Link each finished file of generations or judgments into its journal's folder, if that has no rows."""
    for benchmark, model in plan.answered(config):
        output = Path(f"results/generations/{benchmark}/{model}.parquet")
        journal = plan.journal("generations", benchmark, model)
        if output.is_file() and next(journal.glob("*.jsonl"), None) is None:
            link(output, journal / NAME)
    for arena, judge, model in plan.judged(config):
        output = Path(f"results/arena/{arena}/{judge}/judgments/{model}.jsonl")
        journal = plan.journal("arena", arena, judge, model)
        said = beside(output)
        if output.is_file() and said.is_file() and next(journal.glob("*.jsonl"), None) is None:
            link(output, journal / JUDGED)
            link(said, beside(journal / JUDGED))


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
