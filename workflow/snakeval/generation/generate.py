"""Problems x model -> generations: n samples a problem, each asked for once in a lifetime."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from snakeval.asking.build import wanted
from snakeval.asking.handles import handle_of, limits_of
from snakeval.asking.lengths import fitting
from snakeval.asking.rows import complete, rows_of
from snakeval.asking.shards import WHOLE, Shard, gathered
from snakeval.config import Config
from snakeval.dag.retries import note_failures
from snakeval.generation.agents.run import Agents
from snakeval.models.serving_config import read_serving_config
from snakeval.system.tables import read_rows, write_rows
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
    if model.agent is None:
        index = complete(requests, *asked, fit=fitting(model, settings))
    else:
        index = Agents(config, benchmark, slug, settings, rows).finish(requests, *asked)
    write_rows(output, Generation, (row for row in rows_of(requests, index)))
    if shard == WHOLE:
        note_failures(journal, count_transient(output))


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
    note_failures(journal, count_transient(output))


def count_transient(output: Path) -> int:
    """Rows of a generations file whose error may go away when asked again."""
    return sum(
        row.error is not None and not row.error.startswith("permanent")
        for row in read_rows(output, Generation)
    )
