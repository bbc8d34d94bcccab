"""What may stand in config/config.yaml."""

from __future__ import annotations

from pydantic import Field

from snakeval.config.schema.benchmark import Thresholds
from snakeval.config.values import Name, Names, NonNegativeInt, PositiveFloat, PositiveInt, Strict


class Gpus(Strict):
    """The GPUs of one node that a model may use; `per_node: 0` serves on the CPU."""

    per_node: NonNegativeInt = 0
    memory_gib: PositiveFloat = 80.0


class Bootstrap(Strict):
    """Rounds and seed of every bootstrap."""

    rounds: PositiveInt = 1000
    seed: NonNegativeInt = 0


class Settings(Strict):
    """config/config.yaml: which models, benchmarks and arenas to run.

    `models` and the others also take one string with commas, as in `--config models=a,b`.
    """

    models: Names = ()
    benchmarks: Names = ()
    arenas: Names = ()
    suites: dict[Name, tuple[Name, ...]] = Field(default_factory=dict)
    lm_eval: Names = ()
    seed: NonNegativeInt = 0
    gpus: Gpus = Gpus()
    bootstrap: Bootstrap = Bootstrap()
    thresholds: Thresholds = Thresholds()
    budget: PositiveFloat | None = None
