"""Snakemake's `config` dict and the files it names -> one checked, immutable configuration.

Called whenever the workflow is parsed, which is once a job: no network, no clock, no heavy imports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from snakeval import schema
from snakeval.config.agents import check_agents
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
from snakeval.schema import Arena, Benchmark, Judge, Settings, Thresholds


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
    benchmarks: dict[str, Benchmark] = field(default_factory=dict)
    judges: dict[str, Judge] = field(default_factory=dict)
    arenas: dict[str, Arena] = field(default_factory=dict)
    judge_slug: dict[str, str] = field(default_factory=dict)
    baseline_slug: dict[str, str] = field(default_factory=dict)
    category_baselines: dict[str, dict[str, str]] = field(default_factory=dict)
    arena_models: dict[str, tuple[str, ...]] = field(default_factory=dict)
    corrections: dict[str, tuple[schema.Correction, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.checks = Checks(self.root, self.report, self.settings.gpus, self.deep, self.fetching)
        self.files = Files(self.root, self.report)
        known = None if self.deep else handed_on()
        self.models = Models(self.root, self.files, self.report, self.checks.model, known)

    def load(self) -> Config:
        """Read everything. The result is complete only if the report has no problems."""
        check_lists(self.settings, self._origin, self.report)
        tested = self._models(self.settings.models, self._origin("models"), "models")
        named = self.settings
        self.settings = expanded(named, self.files, self._origin("suites"), self.report)
        for index, name in enumerate(named.benchmarks):
            if name not in named.suites:
                self._benchmark(name, self._origin("benchmarks"), f"benchmarks[{index}]")
        for name in self.settings.benchmarks:
            self._benchmark(name, self._origin("benchmarks"), "benchmarks")
        for index, name in enumerate(self.settings.arenas):
            arena = self.files.find("arenas", name, Arena, self._origin("arenas"), f"arenas[{index}]")
            if arena is not None:
                self._arena(name, arena, tested)
        for slug in tested:
            self.models.check_answers(slug, self.settings.benchmarks)
        origin = self._origin("lm_eval")
        lm_eval = lm_eval_tasks(self.settings, self.files, self.root, origin, self.report, self.deep)
        judging = {name: self.models.served[slug] for name, slug in self.judge_slug.items()}
        check_costs(self.judges, judging, self.settings, self.report)
        if self.deep:
            check_people(self.arenas, self.judges, self.root, self.report)
            check_pins(self.benchmarks, self.models.served, self.models.places, self.root, self.report)
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
        self.benchmarks = with_values(self.benchmarks, self.settings, questions)
        temperatures(self.benchmarks, models, self.report)
        config = Config(
            settings=self.settings,
            models=models,
            benchmarks=self.benchmarks,
            judges=self.judges,
            arenas=self.arenas,
            served=served,
            judge_slug=self.judge_slug,
            baseline_slug=self.baseline_slug,
            category_baselines=self.category_baselines,
            arena_models=self.arena_models,
            parents=parents,
            lm_eval=lm_eval,
            found=self.models.found,
            stored=self.models.stored,
            corrections=self.corrections,
            agents=self.models.agents,
            warnings=tuple(self.report.warnings),
        )
        check_requests(config, self.models.places, self.report)
        if self.deep:
            check_chats(config, self.models.places, self.root, self.report)
        return config

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
    def _benchmark(self, name: str, file: str, key: str) -> Benchmark | None:
        """Read a benchmark and the judges that grade it, once."""
        if name in self.benchmarks:
            return self.benchmarks[name]
        benchmark = self.files.find("benchmarks", name, Benchmark, file, key)
        if benchmark is None:
            return None
        benchmark = benchmark.model_copy(update={"thresholds": self._thresholds(benchmark.thresholds)})
        self.benchmarks[name] = benchmark
        self._corrections(name, benchmark)
        self.checks.benchmark(name, benchmark)
        for index, grader in enumerate(benchmark.graders):
            if grader.judge is not None:
                own = self.files.label("benchmarks", name)
                judge = self._judge(grader.judge, own, f"graders[{index}].judge")
                if judge is not None:
                    self.checks.graded_by(name, benchmark, grader.judge, judge)
        return benchmark

    @as_far_as_right
    def _corrections(self, name: str, benchmark: Benchmark) -> None:
        if benchmark.corrections is not None:
            file = self.files.label("benchmarks", name)
            found = self.files.find(
                "corrections", benchmark.corrections, schema.Corrections, file, "corrections"
            )
            if found is not None:
                self.corrections[name] = found.corrections

    def _thresholds(self, own: Thresholds | None) -> Thresholds:
        """The settings' thresholds, with those of a benchmark or an arena in place of theirs."""
        changes = {} if own is None else own.model_dump(exclude_unset=True)
        return self.settings.thresholds.model_copy(update=changes)

    @as_far_as_right
    def _judge(self, name: str, file: str, key: str) -> Judge | None:
        """Read a judge and find its model, once."""
        if name in self.judges:
            return self.judges[name]
        judge = self.files.find("judges", name, Judge, file, key)
        if judge is None:
            return None
        self.judges[name] = judge
        self.checks.judge(name, judge)
        overrides = ("base_urls", "api_key_env", "concurrency")
        changes = {key: value for key in overrides if (value := getattr(judge, key)) is not None}
        slug = self.models.one(judge.model, self.files.label("judges", name), "model", changes)
        if slug is not None:
            self.judge_slug[name] = slug
        return judge

    def _arena_judge(self, name: str, file: str, key: str) -> str:
        """The name of an arena's judge: of its file, or the slug of a model that judges without one."""
        if name in self.files.names("judges") or not self.models.names_one(name):
            self._judge(name, file, key)
            return name
        if (slug := self.models.one(name, file, key)) is None:
            return name
        self.judges.setdefault(slug, Judge(model=name))
        self.judge_slug[slug] = slug
        return slug

    @as_far_as_right
    def _arena(self, name: str, arena: Arena, tested: Sequence[str]) -> None:
        """Follow what an arena names: questions, judges, baseline, participants."""
        file = self.files.label("arenas", name)
        self.checks.arena(name, arena, self._benchmark(arena.questions, file, "questions"))
        check_repeated(arena.judges, file, "judges", self.report)
        judges = tuple(self._arena_judge(j, file, f"judges[{i}]") for i, j in enumerate(arena.judges))
        own = {"thresholds": self._thresholds(arena.thresholds), "judges": judges}
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
