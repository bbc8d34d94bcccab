"""What the report, its site and the tables of samples are made of; evaluated while the DAG is built."""

from __future__ import annotations

import json

from snakeval.config import Config
from snakeval.dag import identity


def grades(config: Config, benchmark: str, model: str) -> list[str]:
    """A model's grades on a benchmark, one file a grader."""
    graders = config.benchmarks[benchmark].graders
    return [f"results/grades/{benchmark}/{model}/{grader.name}.parquet" for grader in graders]


def tables(config: Config) -> list[str]:
    """One table of samples a benchmark and model under test."""
    return [
        f"results/samples/{b}/{model}.parquet" for b in config.settings.benchmarks for model in config.models
    ]


def report(config: Config) -> str:
    """Identity of the report and the site: what they show besides their inputs.

    The site also shows whose parent a model is, tests chosen pairs of many models, and withholds texts.
    """
    withheld = [name for name, entry in config.benchmarks.items() if not entry.publish]
    shown = json.loads(identity.show(config, "report"))
    return identity.dumps(
        {
            **shown,
            **({"parents": config.parents} if config.parents else {}),
            **({"withheld": withheld} if withheld else {}),
            **({"pairs": pairs} if (pairs := config.settings.compare.pairs) != "all" else {}),
        }
    )


def samples(config: Config, slug: str) -> str:
    """Identity of results/samples/{benchmark}/{model}.parquet: how its texts are divided."""
    reasoning = config.served[slug].reasoning.model_dump(exclude_unset=True)
    return identity.dumps({"version": identity.VERSIONS["samples"], "reasoning": reasoning})
