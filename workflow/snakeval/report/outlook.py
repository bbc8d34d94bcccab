"""What a run of a configuration would ask for: samples missing, allocations, GPUs, expected GPU-hours.

Problems and serving configs are made anew in memory, as their rules would make them, so that nothing has to
run first and no stale file is believed; the requests are those of `snakeval.generation.generate`.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from snakeval.asking.build import wanted
from snakeval.asking.pace import Pace, read_paces, tokens_per_sample, tokens_per_second
from snakeval.config import Config
from snakeval.dag import lanes, plan
from snakeval.journal.index import scan
from snakeval.models.infer import InferError, inferred
from snakeval.models.placement import PlacementError
from snakeval.models.serving_config import ServingConfig
from snakeval.problems.prepare import PrepareError, problems_of
from snakeval.types import Problem

log = logging.getLogger(__name__)
# Models whose parameters differ by no more than this factor are taken to be as fast as each other.
SIMILAR = 2.0
AT_ONCE = 8
Result = TypeVar("Result")
# The services that a (benchmark, model) asks; none for an endpoint that exists already.
Services = Mapping[tuple[str, str], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Outlook:
    """One model: samples missing by benchmark (None: unknown), and what they are expected to take.

    `gpus` are those of one allocation, None if unknown. `hours` are a server's while it answers, without
    the loading of the model, summed over the allocations; None if unknown. `borrowed` says that other
    models' figures are in them.
    """

    model: str
    missing: Mapping[str, int | None]
    allocations: int
    gpus: int | None
    hours: float | None
    borrowed: bool = False

    @property
    def gpu_hours(self) -> float | None:
        """Expected GPU-hours; None if unknown."""
        return None if self.hours is None or self.gpus is None else self.hours * self.gpus


@dataclass(frozen=True, slots=True)
class Known:
    """What earlier runs tell: paces by (benchmark, model), the models' parameters, and who has an agent."""

    services: Services
    paces: Mapping[tuple[str, str], Sequence[Pace]]
    parameters: Mapping[str, int | None]
    agents: Mapping[str, str] = field(default_factory=dict)

    def length(self, benchmark: str, model: str) -> tuple[float | None, bool]:
        """(Output tokens a sample, whether they are those of other models on the benchmark)."""
        own = tokens_per_sample(self.paces[benchmark, model])
        others = [
            pace
            for (name, other), paces in self.paces.items()
            if name == benchmark and self.agents.get(other) == self.agents.get(model)
            for pace in paces
        ]
        return (own, False) if own else (tokens_per_sample(others), True)

    def rate(self, model: str) -> tuple[float | None, bool]:
        """(Output tokens a second of one server, whether they are those of another model of its size)."""
        own, size = self._own_rate(model), self.parameters.get(model)
        if own or not size:
            return own, False
        apart = {
            name: max(size / count, count / size)
            for name, count in self.parameters.items()
            if count and self._own_rate(name)
        }
        nearest = min(apart, key=lambda name: apart[name], default=model)
        return (self._own_rate(nearest) if apart.get(nearest, SIMILAR + 1) <= SIMILAR else None), True

    def _own_rate(self, model: str) -> float | None:
        servers: dict[tuple[str, ...], list[Pace]] = defaultdict(list)
        for key, paces in self.paces.items():
            if key[1] == model:
                servers[self.services[key]] += paces
        return tokens_per_second(servers.values())


def outlooks(config: Config, services: Services, root: Path = Path()) -> list[Outlook]:
    """One entry a model that answers benchmarks, in the order of `services`.

    The services that are still asked something are a model's allocations.
    """
    models = list(dict.fromkeys(model for _, model in services))
    problems = {name: _problems(config, name, root) for name in dict.fromkeys(name for name, _ in services)}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = pool.map(partial(_serving, config, root), models)
        serving = dict(zip(models, found, strict=True))
    known = Known(
        services,
        {key: read_paces(plan.journal("generations", *key)) for key in services},
        {model: config.num_parameters if config else None for model, config in serving.items()},
        {model: agent for model in models if (agent := config.served[model].agent)},
    )
    entries = []
    for model in models:
        own = {name: problems[name] for name, slug in services if slug == model}
        missing = {name: _missing(config, name, model, rows, serving[model]) for name, rows in own.items()}
        asked = {path for name, count in missing.items() if count != 0 for path in services[name, model]}
        gpus = _gpus(config, model, serving[model]) if asked else 0
        entries.append(Outlook(model, missing, len(asked), gpus, *expected_hours(model, missing, known)))
    return entries


def _missing(
    config: Config, benchmark: str, slug: str, rows: list[Problem] | None, serving: ServingConfig | None
) -> int | None:
    """Requests of a model on a benchmark that no journal answers yet."""
    if rows is None:
        return None
    journal = plan.journal("generations", benchmark, slug)
    folders = sorted({path.parent for path in journal.rglob("*.jsonl")})
    if not folders:
        return len(rows) * config.benchmarks[benchmark].n_samples
    if serving is None:
        return None
    left = [request.digest for request in wanted(config, benchmark, slug, rows, serving)]
    for folder in folders:
        left = [left[i] for i in scan(folder).missing(left)]
    return len(left)


def expected_hours(model: str, missing: Mapping[str, int | None], known: Known) -> tuple[float | None, bool]:
    """(Hours that the missing samples take one server, whether other models' figures are in it)."""
    rate, borrowed = known.rate(model)
    tokens = 0.0
    for benchmark, count in missing.items():
        length, other = known.length(benchmark, model)
        if count == 0:
            continue
        if count is None or length is None or rate is None:
            return None, False
        tokens, borrowed = tokens + count * length, borrowed or other
    return (tokens / rate / 3600, borrowed) if tokens and rate else (0.0, False)


def _gpus(config: Config, model: str, serving: ServingConfig | None) -> int | None:
    """GPUs of one allocation, on all of its nodes."""
    if config.settings.gpus.per_node == 0:
        return 0
    try:
        placed = plan.place(config, model, serving) if serving else None
    except PlacementError as error:
        log.warning("%s: %s", model, error)
        return None
    return placed.gpus_per_node * placed.nodes if placed else None


def _serving(config: Config, root: Path, slug: str) -> ServingConfig | None:
    """The serving config that the rule would write; where the hub can't be asked, the one there is."""
    slug = lanes.server(config, slug)
    model = config.served[slug]
    there = plan.serving_config(f"results/configs/{slug}.yaml")
    if there is not None and model.revision is None and not (root / model.model).is_dir():
        model = model.model_copy(update={"revision": there.resolved_revision})  # as it was resolved then
    return _or_none(lambda: inferred(slug, model, config.settings.gpus, root)) or there


def _problems(config: Config, name: str, root: Path) -> list[Problem] | None:
    return _or_none(
        lambda: problems_of(name, config.benchmarks[name], root, config.corrections.get(name, ()))
    )


def _or_none(make: Callable[[], Result]) -> Result | None:
    try:
        return make()
    except (PrepareError, InferError, OSError) as error:
        log.warning("%s", error)
        return None
