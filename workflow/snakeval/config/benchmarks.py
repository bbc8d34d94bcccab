"""Benchmarks and judges: each read once, where it is named first."""

from __future__ import annotations

from dataclasses import dataclass, field

from snakeval.config.checks import Checks
from snakeval.config.errors import as_far_as_right
from snakeval.config.models import Models
from snakeval.config.reading import Files
from snakeval.schema import Benchmark, Correction, Corrections, Judge, Thresholds


@dataclass
class Benchmarks:
    """Those that the configuration names, by name; mistakes are noted in the report of `checks`."""

    files: Files
    models: Models
    checks: Checks
    thresholds: Thresholds
    """The settings'."""
    benchmarks: dict[str, Benchmark] = field(default_factory=dict)
    corrections: dict[str, tuple[Correction, ...]] = field(default_factory=dict)
    judges: dict[str, Judge] = field(default_factory=dict)
    judge_slug: dict[str, str] = field(default_factory=dict)

    @as_far_as_right
    def benchmark(self, name: str, file: str, key: str) -> Benchmark | None:
        """Read the benchmark that `key` of `file` names, and the judges that grade it."""
        if name in self.benchmarks:
            return self.benchmarks[name]
        benchmark = self.files.find("benchmarks", name, Benchmark, file, key)
        if benchmark is None:
            return None
        benchmark = benchmark.model_copy(update={"thresholds": self.with_own(benchmark.thresholds)})
        self.benchmarks[name] = benchmark
        own = self.files.label("benchmarks", name)
        self._corrections(name, benchmark, own)
        self.checks.benchmark(name, benchmark)
        for index, grader in enumerate(benchmark.graders):
            if grader.judge is not None:
                judge = self.judge(grader.judge, own, f"graders[{index}].judge")
                if judge is not None:
                    self.checks.graded_by(name, benchmark, grader.judge, judge)
        return benchmark

    @as_far_as_right
    def _corrections(self, name: str, benchmark: Benchmark, own: str) -> None:
        if benchmark.corrections is not None:
            found = self.files.find("corrections", benchmark.corrections, Corrections, own, "corrections")
            if found is not None:
                self.corrections[name] = found.corrections

    def with_own(self, own: Thresholds | None) -> Thresholds:
        """The settings' thresholds, with those of a benchmark or an arena in place of theirs."""
        changes = {} if own is None else own.model_dump(exclude_unset=True)
        return self.thresholds.model_copy(update=changes)

    @as_far_as_right
    def judge(self, name: str, file: str, key: str) -> Judge | None:
        """Read the judge that `key` of `file` names, and find its model."""
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

    def arena_judge(self, name: str, file: str, key: str) -> str:
        """The name of an arena's judge: of its file, or the slug of a model that judges without one."""
        if name in self.files.names("judges") or not self.models.names_one(name):
            self.judge(name, file, key)
            return name
        if (slug := self.models.one(name, file, key)) is None:
            return name
        self.judges.setdefault(slug, Judge(model=name))
        self.judge_slug[slug] = slug
        return slug
