"""Snakemake's `config` dict and the files it names -> one checked, immutable configuration.

Called whenever the workflow is parsed, which is once a job: no network, no clock, no heavy imports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from snakeval.config.agents import check_agents
from snakeval.config.benchmarks import Benchmarks
from snakeval.config.checks import Checks, temperatures
from snakeval.config.commands import with_commands
from snakeval.config.costs import check_costs
from snakeval.config.errors import Report, as_far_as_right
from snakeval.config.found import handed_on
from snakeval.config.harness import lm_eval_tasks
from snakeval.config.lineage import lineage
from snakeval.config.lists import check_lists, check_repeated
from snakeval.config.models import Models
from snakeval.config.origins import SETTINGS_FILE, origins_of
from snakeval.config.people import check_people
from snakeval.config.pins import check_pins
from snakeval.config.reading import Files, parse_settings
from snakeval.config.requests import check_chats, check_requests
from snakeval.config.resolved import Config
from snakeval.config.suites import expanded
from snakeval.config.tries import renamed, with_values
from snakeval.schema import Arena, Settings


def load_config(
    raw: Mapping[str, object],
    root: Path,
    check_data: bool = True,
    over: Sequence[str | Path] = (),
    fetching: bool = False,
) -> Config:
    """Read and check the configuration below `root`; `raw` is config/config.yaml as Snakemake merged it.

    `over` are the files that Snakemake merged over it, such as a profile's `configfile`, for errors.
    Without `check_data`, data, prompts and the environment are not looked at and nothing is warned of
    them: that is for the jobs of a workflow whose main process has looked, and patterns stand for what
    it found. With `fetching`, what `snakemake fetch` brings and what asking a model needs (addresses, keys)
    need not be there. The result is the same otherwise. Raises ConfigError with all mistakes.
    """
    report = Report()
    origins = origins_of(raw, root, over, report) if check_data else dict.fromkeys(raw, SETTINGS_FILE)
    settings = parse_settings(raw, origins, report)
    with report.checked():
        config = _Loader(root, settings, origins, report, check_data, fetching).load()
        check_agents(config, origins, root, report, check_data)
    return renamed(config)


@dataclass
class _Loader:
    """Reads file after file as names lead to them, and notes every mistake on the way."""

    root: Path
    settings: Settings
    origins: Mapping[str, str]
    report: Report
    deep: bool
    fetching: bool = False
    arenas: dict[str, Arena] = field(default_factory=dict)
    baseline_slug: dict[str, str] = field(default_factory=dict)
    category_baselines: dict[str, dict[str, str]] = field(default_factory=dict)
    arena_models: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.checks = Checks(self.root, self.report, self.settings.gpus, self.deep, self.fetching)
        self.files = Files(self.root, self.report)
        known = None if self.deep else handed_on()
        self.models = Models(self.root, self.files, self.report, self.checks.model, known)
        self.read = Benchmarks(self.files, self.models, self.checks, self.settings.thresholds)

    def load(self) -> Config:
        """Read everything. The result is complete only if the report has no problems."""
        check_lists(self.settings, self._origin, self.report)
        tested = self._models(self.settings.models, self._origin("models"), "models")
        self._benchmarks()
        for index, name in enumerate(self.settings.arenas):
            arena = self.files.find("arenas", name, Arena, self._origin("arenas"), f"arenas[{index}]")
            if arena is not None:
                self._arena(name, arena, tested)
        for slug in tested:
            self.models.check_answers(slug, self.settings.benchmarks)
        origin = self._origin("lm_eval")
        lm_eval = lm_eval_tasks(self.settings, self.files, self.root, origin, self.report, self.deep)
        self._check_together()
        places = {slug: model.model for slug, model in self.models.served.items()}
        parents = lineage(self.settings, self.models.several, tested, self._origin, self.report, places)
        served = with_commands(
            self.models.served,
            self.settings,
            self.root,
            self.models.places,
            self.origins,
            self.report,
            self.deep,
        )
        models = {slug: served[slug] for slug in tested}
        questions = [arena.questions for arena in self.arenas.values()]
        benchmarks = with_values(self.read.benchmarks, self.settings, questions)
        temperatures(benchmarks, models, self.report)
        config = Config(
            settings=self.settings,
            models=models,
            benchmarks=benchmarks,
            judges=self.read.judges,
            arenas=self.arenas,
            served=served,
            judge_slug=self.read.judge_slug,
            baseline_slug=self.baseline_slug,
            category_baselines=self.category_baselines,
            arena_models=self.arena_models,
            parents=parents,
            lm_eval=lm_eval,
            found=self.models.found,
            stored=self.models.stored,
            corrections=self.read.corrections,
            agents=self.models.agents,
            warnings=tuple(self.report.warnings),
        )
        check_requests(config, self.models.places, self.report)
        if self.deep:
            check_chats(config, self.models.places, self.root, self.report)
        return config

    def _benchmarks(self) -> None:
        """Read the benchmarks, and put those of suites into the settings in place of their names."""
        named = self.settings
        origin = self._origin("benchmarks")
        self.settings = expanded(named, self.files, self._origin("suites"), self.report)
        for index, name in enumerate(named.benchmarks):
            if name not in named.suites:
                self.read.benchmark(name, origin, f"benchmarks[{index}]")
        for name in self.settings.benchmarks:
            self.read.benchmark(name, origin, "benchmarks")

    def _check_together(self) -> None:
        judging = {name: self.models.served[slug] for name, slug in self.read.judge_slug.items()}
        check_costs(self.read.judges, judging, self.settings, self.report)
        if self.deep:
            check_people(self.arenas, self.read.judges, self.root, self.report)
            check_pins(self.read.benchmarks, self.models.served, self.models.places, self.root, self.report)

    def _origin(self, key: str) -> str:
        return self.origins.get(key, SETTINGS_FILE)

    def _models(self, entries: Sequence[str], file: str, key: str) -> tuple[str, ...]:
        """Slugs of the models that a list names, each once."""
        check_repeated(entries, file, key, self.report)
        found: dict[str, str] = {}
        for index, entry in enumerate(dict.fromkeys(entries)):
            for slug in self.models.several(entry, file, f"{key}[{index}]"):
                if slug in found:
                    message = f"'{entry}' names the model '{slug}', as '{found[slug]}' does"
                    self.report.add(file, f"{key}[{index}]", message)
                found[slug] = entry
        return tuple(found)

    @as_far_as_right
    def _arena(self, name: str, arena: Arena, tested: Sequence[str]) -> None:
        """Follow what an arena names: questions, judges, baseline, participants."""
        file = self.files.label("arenas", name)
        self.checks.arena(name, arena, self.read.benchmark(arena.questions, file, "questions"))
        check_repeated(arena.judges, file, "judges", self.report)
        judges = tuple(self.read.arena_judge(j, file, f"judges[{i}]") for i, j in enumerate(arena.judges))
        own = {"thresholds": self.read.with_own(arena.thresholds), "judges": judges}
        self.arenas[name] = arena.model_copy(update=own)
        baseline = self.models.one(arena.baseline, file, "baseline")
        if arena.models is not None:
            tested = self._models(arena.models, file, "models")
        if baseline is None:
            return
        self.baseline_slug[name] = baseline
        self.category_baselines[name] = self._category_baselines(arena, file)
        baselines = {baseline, *self.category_baselines[name].values()}
        # Where there are several, each is judged on the questions of the others.
        self.arena_models[name] = tuple(s for s in tested if s != baseline or len(baselines) > 1)
        for slug in {*self.arena_models[name], *baselines}:
            self.models.check_answers(slug, [arena.questions])
        alone = not (self.arena_models[name] or arena.imported)
        if alone and not self.report.problems:  # else a mistake may be why
            message = f"no model but the baseline, '{baseline}', takes part: add one, or leave the arena out"
            self.report.add(file, "models" if arena.models is not None else "baseline", message)

    def _category_baselines(self, arena: Arena, file: str) -> dict[str, str]:
        """The baselines of categories that have one of their own."""
        named = {name: each.baseline for name, each in arena.categories.items() if each.baseline}
        found = {name: self.models.one(b, file, f"categories.{name}.baseline") for name, b in named.items()}
        return {name: slug for name, slug in found.items() if slug is not None}
