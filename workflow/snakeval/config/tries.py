"""A try: `--config limit=5 n_samples=2 temperature=0` holds for one run, whose results have own names.

What is tried is given the name of the benchmark (arena, task) with a mark behind it, and so is every file of
it: a try never mixes with the real thing, makes none of it stale, and is found again by the same try.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from snakeval.config.resolved import Config
from snakeval.schema import Agent, Benchmark, LmEvalTask, Settings

T = TypeVar("T")
MARK = ".try-"
# The settings, and how they stand in names.
KEYS = {"limit": "limit", "n_samples": "samples", "temperature": "temperature"}


def mark(settings: Settings) -> str:
    """What a try's names end with; "" where the settings are none."""
    chosen = {word: value for key, word in KEYS.items() if (value := getattr(settings, key)) is not None}
    return MARK + "-".join(f"{word}{value:g}" for word, value in chosen.items()) if chosen else ""


def in_words(settings: Settings) -> str:
    """The same for people: "limit 5, n_samples 2, temperature 0"; "" for no try."""
    chosen = {key: value for key in KEYS if (value := getattr(settings, key)) is not None}
    return ", ".join(f"{key} {value:g}" for key, value in chosen.items())


def original(name: str) -> str:
    """A benchmark's own name, of what may be the name of a try of it."""
    return name.partition(MARK)[0]


def with_values(
    benchmarks: Mapping[str, Benchmark], settings: Settings, questions: Iterable[str]
) -> dict[str, Benchmark]:
    """The benchmarks as a try has them; arenas compare one answer to each of their questions."""
    return {
        name: benchmark.model_copy(update=_changes(benchmark, settings, name in set(questions)))
        for name, benchmark in benchmarks.items()
    }


def _changes(benchmark: Benchmark, settings: Settings, asked_once: bool) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if settings.limit is not None:
        changes["limit"] = min(settings.limit, benchmark.limit or settings.limit)
    if settings.n_samples is not None and not asked_once:
        changes["n_samples"] = settings.n_samples
        changes["k"] = tuple(k for k in benchmark.k or () if k <= settings.n_samples) or None
    if settings.temperature is not None:
        new = {"temperature": settings.temperature}
        changes["sampling"] = benchmark.sampling.model_copy(update=new)
    return changes


def renamed(config: Config) -> Config:
    """The configuration with the names of a try; as it is where it is none."""
    end = mark(config.settings)
    if not end:
        return config
    words = f" (try: {in_words(config.settings)})"

    def named(table: Mapping[str, T]) -> dict[str, T]:
        return {name + end: value for name, value in table.items()}

    def labelled(table: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name + end: each.model_copy(update={"label": (each.label or name) + words})
            for name, each in table.items()
        }

    limit = config.settings.limit
    arenas = {
        name: each.model_copy(update={"questions": each.questions + end})
        for name, each in config.arenas.items()
    }
    lists = ("benchmarks", "arenas", "lm_eval")
    changed = {key: tuple(name + end for name in getattr(config.settings, key)) for key in lists}
    return replace(
        config,
        settings=config.settings.model_copy(update=changed),
        benchmarks=labelled(config.benchmarks),
        arenas=labelled(arenas),
        baseline_slug=named(config.baseline_slug),
        category_baselines=named(config.category_baselines),
        arena_models=named(config.arena_models),
        corrections=named(config.corrections),
        agents={name: _agent(each, config.settings.temperature) for name, each in config.agents.items()},
        lm_eval={name + end: _limited(task, limit) for name, task in config.lm_eval.items()},
    )


def _agent(agent: Agent, temperature: float | None) -> Agent:
    """An agent's own sampling stands over a benchmark's, so a try's stands over that too."""
    if temperature is None or agent.sampling.temperature is None:
        return agent
    new = agent.sampling.model_copy(update={"temperature": temperature})
    return agent.model_copy(update={"sampling": new})


def _limited(task: LmEvalTask, limit: int | None) -> LmEvalTask:
    return task if limit is None else task.model_copy(update={"limit": min(limit, task.limit or limit)})


def folder(settings: Settings) -> str:
    """Where a run's summary, report and comparisons are."""
    end = mark(settings)
    return f"results/tries/{end.removeprefix(MARK)}" if end else "results"
