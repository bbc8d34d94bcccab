"""The configuration as the rest of the program knows it: every name resolved."""

from __future__ import annotations

from dataclasses import dataclass, field

from snakeval.config.found import Found
from snakeval.config.lineage import pairs
from snakeval.schema import Agent, Arena, Benchmark, Correction, Judge, LmEvalTask, Model, Settings


@dataclass(frozen=True, slots=True)
class Config:
    """What to run. Models are named by slug, the others by the names of their files.

    `models` are those under test, in the order of the settings. `benchmarks` are those of the settings,
    then the questions of arenas. `served` are all models that may be asked: under test, judges',
    baselines, other participants of arenas. `category_baselines` are the baselines of an arena's categories
    that have their own. `arena_models` are an arena's models without its baseline, `corrections` those of a
    benchmark's source.
    Suites stand in no list: their benchmarks do. `found` are the checkpoints that patterns stand for (see
    `snakeval.config.found`), `stored` the files of the models on S3.
    """

    settings: Settings
    models: dict[str, Model]
    benchmarks: dict[str, Benchmark]
    judges: dict[str, Judge]
    arenas: dict[str, Arena]
    served: dict[str, Model]
    judge_slug: dict[str, str]
    baseline_slug: dict[str, str]
    category_baselines: dict[str, dict[str, str]]
    arena_models: dict[str, tuple[str, ...]]
    parents: dict[str, str]
    lm_eval: dict[str, LmEvalTask] = field(default_factory=dict)
    found: Found = field(default_factory=dict)
    stored: dict[str, tuple[str, ...]] = field(default_factory=dict)
    corrections: dict[str, tuple[Correction, ...]] = field(default_factory=dict)
    agents: dict[str, Agent] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def answers(self, slug: str, benchmark: str) -> bool:
        """Whether there will be answers of a model to a benchmark: recorded ones may lack it."""
        model = self.served[slug]
        return model.engine != "recorded" or benchmark in model.answers

    def tested(self, benchmark: str) -> list[str]:
        """The models under test that answer a benchmark."""
        return [slug for slug in self.models if self.answers(slug, benchmark)]

    @property
    def unanswered(self) -> list[list[str]]:
        """The pairs [model under test, benchmark] without answers."""
        names = self.settings.benchmarks
        return [[slug, name] for slug in self.models for name in names if not self.answers(slug, name)]

    @property
    def compared(self) -> tuple[tuple[str, str], ...]:
        """The pairs (model, other) that the target `compare` compares."""
        return pairs(self.settings, self.parents, self.models)
