"""What may stand in config/config.yaml."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from snakeval.schema.benchmark import Thresholds
from snakeval.schema.values import (
    PASS_AT_K,
    Command,
    Count,
    Fraction,
    Name,
    Names,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    Strict,
    Temperature,
    Text,
)


class Gpus(Strict):
    """The GPUs of one node that a model may use; `per_node: 0` serves on the CPU."""

    per_node: NonNegativeInt = 0
    memory_gib: PositiveFloat = 80.0


class Bootstrap(Strict):
    """Rounds and seed of every bootstrap."""

    rounds: Count = 1000
    seed: Annotated[NonNegativeInt, Field(lt=2**32)] = 0


class Compare(Strict):
    """Which models the target `compare` compares; models by slug."""

    pairs: (
        Literal["all", "parents"] | tuple[Annotated[tuple[Text, ...], Field(min_length=2, max_length=2)], ...]
    ) = "all"
    k: tuple[PositiveInt, ...] | None = None


class Gate(Strict):
    """When the target `gate` fails: a checkpoint is worse than its parent; models by slug."""

    metric: Annotated[str, Field(pattern=PASS_AT_K)] = "pass@1"
    margin: Fraction = 0.0
    alpha: Fraction = 0.05
    parents: dict[Text, Text] = Field(default_factory=dict)


class Settings(Strict):
    """config/config.yaml: which models, benchmarks and arenas to run.

    `models` and the others also take one string with commas, as in `--config models=a,b`. `limit`,
    `n_samples` and `temperature` make the run a try (see `snakeval.config.tries`).
    """

    models: Names = ()
    benchmarks: Names = ()
    arenas: Names = ()
    suites: dict[Name, tuple[Name, ...]] = Field(default_factory=dict)
    lm_eval: Names = ()
    seed: NonNegativeInt = 0
    gpus: Gpus = Gpus()
    vllm: Command | None = None
    vllm_version: Text | None = None
    lanes: PositiveInt = 1
    kept_servers: PositiveInt = 1
    bootstrap: Bootstrap = Bootstrap()
    thresholds: Thresholds = Thresholds()
    compare: Compare = Compare()
    gate: Gate = Gate()
    budget: PositiveFloat | None = None
    limit: PositiveInt | None = None
    n_samples: Count | None = None
    temperature: Temperature | None = None
