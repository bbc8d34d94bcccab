"""Problems x model -> generations: n samples a problem, each asked for once in a lifetime."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from snakeval.asking.again import note_errors
from snakeval.asking.build import wanted
from snakeval.asking.handles import handle_of, limits_of
from snakeval.asking.lengths import fitting
from snakeval.asking.request import Request
from snakeval.asking.rows import complete, finished
from snakeval.asking.shards import WHOLE, Shard, gathered
from snakeval.config import Config
from snakeval.generation.agents.run import Agents
from snakeval.journal.index import JournalIndex
from snakeval.models.serving_config import read_serving_config
from snakeval.system.tables import read_rows, read_table, write_rows
from snakeval.types import Generation, Problem

log = logging.getLogger(__name__)


def generate(
    config: Config,
    benchmark: str,
    slug: str,
    *,
    problems: Path,
    serving: Path,
    service: Path | None,
    journal: Path,
    output: Path,
    shard: Shard = WHOLE,
) -> None:
    """Write results/generations/{benchmark}/{model}.parquet, asking only for what no journal has.

    A shard writes its own rows, and leaves it to `gather` to note those that could not be had.
    Raises ServerGone or Interrupted (see `snakeval.asking.ask`); completed samples are kept.
    """
    model = config.served[slug]
    settings = read_serving_config(serving)
    rows = shard.of(list(read_rows(problems, Problem)))
    requests = wanted(config, benchmark, slug, rows, settings)
    asked = (journal, handle_of(model, service), limits_of(model), shard)
    fit = fitting(model, settings)
    agents = Agents(config, benchmark, slug, settings, rows) if model.agent else None

    def ask(missing: Sequence[Request]) -> JournalIndex:
        return agents.finish(missing, *asked) if agents else complete(missing, *asked, fit=fit)

    finished(requests, ask, partial(write_rows, output, Generation))
    if shard == WHOLE:
        note_errors(journal, errors_of(output))


def gather(
    config: Config,
    benchmark: str,
    slug: str,
    *,
    problems: Path,
    serving: Path,
    shards: Sequence[Path],
    journal: Path,
    output: Path,
) -> None:
    """Write the same file from the rows of its shards, in the order of their indexes."""
    settings = read_serving_config(serving)
    requests = wanted(config, benchmark, slug, read_rows(problems, Problem), settings)
    rows = gathered(requests, config.benchmarks[benchmark].n_samples, shards)
    write_rows(output, Generation, rows)
    note_errors(journal, errors_of(output))


def errors_of(output: Path) -> dict[str, str]:
    """The errors of a generations file, by the digests of their requests."""
    table = read_table(output, Generation, ["digest", "error"])
    rows = zip(table["digest"].to_pylist(), table["error"].to_pylist(), strict=True)
    return {digest: error for digest, error in rows if error is not None}
