"""What can't be seen in one value alone: whether keys, files and models fit together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from snakeval.config.data import check_data
from snakeval.config.errors import Report, as_far_as_right
from snakeval.config.places import Place
from snakeval.config.served import Looking, check_model
from snakeval.config.templates import ARENA_FIELDS, JUDGE_FIELDS, check_prompts
from snakeval.models.names import field_name
from snakeval.schema import Arena, Benchmark, Judge, Model
from snakeval.system.punkt import missing_for


@dataclass(frozen=True, slots=True)
class Checks(Looking):
    """Notes in `report` what is wrong with objects that are right by themselves."""

    @as_far_as_right
    def model(self, model: Model, place: Place) -> None:
        """Check a model under test, a judge's or a baseline, whether it has a file or only a name."""
        check_model(model, place, self)

    def benchmark(self, name: str, benchmark: Benchmark) -> None:
        """Check a benchmark by itself, with its data and prompts: each as far as its own keys are right."""
        file = f"config/benchmarks/{name}.yaml"
        self._sample_counts(file, benchmark)
        self._graders(file, benchmark)
        self._few_shot(file, benchmark)
        if self.deep:
            columns = check_data(name, benchmark, self.root, self.report)
            self._benchmark_prompts(file, benchmark, columns)

    @as_far_as_right
    def _sample_counts(self, file: str, benchmark: Benchmark) -> None:
        if large := [k for k in benchmark.k or () if k > benchmark.n_samples]:
            what = f"{', '.join(map(str, large))} of 'k' is more than n_samples, {benchmark.n_samples}"
            self.report.add(file, "k", f"{what}: pass@k needs k samples a problem")

    @as_far_as_right
    def _graders(self, file: str, benchmark: Benchmark) -> None:
        names = [grader.name for grader in benchmark.graders]
        for index, grader in enumerate(benchmark.graders):
            if grader.name in names[:index]:
                message = f"two graders are named '{grader.name}'; give one of them another 'name'"
                self.report.add(file, f"graders[{index}].name", message)
            if grader.needs_reference and benchmark.fields.reference is None:
                message = f"'{grader.type}' compares with a golden answer, but fields.reference is null"
                self.report.add(file, f"graders[{index}].type", message)
            here = self.deep and not self.fetching
            if here and (missing := missing_for(grader.type)):
                self.report.add(file, f"graders[{index}].type", f"'{grader.type}' can't run here: {missing}")

    @as_far_as_right
    def _few_shot(self, file: str, benchmark: Benchmark) -> None:
        shots = benchmark.few_shot and benchmark.few_shot.source.file
        if self.deep and shots and not (self.root / shots).is_file():
            self.report.add(file, "few_shot.source.file", f"there is no file '{shots}'")

    @as_far_as_right
    def _benchmark_prompts(self, file: str, benchmark: Benchmark, columns: list[str] | None) -> None:
        # A golden answer in a prompt would be a leak.
        choices = benchmark.fields.choices or ()
        hidden = {"reference", benchmark.fields.reference, *choices}
        if columns and choices:
            columns = [*columns, "options"]
        fields = columns and [
            named
            for name in {"problem": None, **dict.fromkeys(columns)}
            if name not in hidden
            for named in dict.fromkeys((name, field_name(name)))
        ]
        prompts = {"prompt": benchmark.prompt, "system": benchmark.system}
        used = check_prompts(file, prompts, fields, self.root, self.report)
        self._require(file, used, ["any field"] if used == frozenset() else [], "every problem")

    @as_far_as_right
    def graded_by(self, name: str, benchmark: Benchmark, judge_name: str, judge: Judge) -> None:
        """Check that a judge can grade the answers to a benchmark."""
        file = f"config/judges/{judge_name}.yaml"
        if judge.prompt is None:
            self.report.add(file, "prompt", f"is missing: this judge grades the benchmark '{name}'")
        if judge.verdicts is None and judge.points is None:
            self.report.add(
                file,
                "verdicts",
                f"is missing: this judge grades the benchmark '{name}', so regular expressions for "
                "'correct' and 'incorrect' must say how its verdict is read, or 'points' how its points are",
            )
        prompts = {"prompt": judge.prompt, "system": judge.system}
        if not self.deep or judge.prompt is None:
            return
        used = check_prompts(file, prompts, None, self.root, self.report) or frozenset()
        for field in ("reference", "guidelines"):
            if field in used and getattr(benchmark.fields, field) is None:
                message = f"uses '{{{{ {field} }}}}', but fields.{field} of benchmark '{name}' is null"
                self.report.add(file, "prompt", message)

    @as_far_as_right
    def judge(self, name: str, judge: Judge) -> None:
        """Check a judge's prompts."""
        file = f"config/judges/{name}.yaml"
        if judge.verdicts and judge.verdicts.correct == judge.verdicts.incorrect:
            self.report.add(file, "verdicts", "'correct' and 'incorrect' are the same expression")
        if judge.verdicts and judge.points:
            self.report.add(
                file, "points", "a judge gives points or a verdict: leave out 'verdicts' or 'points'"
            )
        if self.deep:
            prompts = {"prompt": judge.prompt, "system": judge.system}
            used = check_prompts(file, prompts, JUDGE_FIELDS, self.root, self.report)
            if judge.prompt is not None and used is not None and not used & {"answer", "response"}:
                self._require(file, used, ["answer"], "every answer")

    def arena(self, name: str, arena: Arena, questions: Benchmark | None) -> None:
        """Check an arena's prompts, and that its questions are answered once by each model."""
        file = f"config/arenas/{name}.yaml"
        self._answered_once(file, arena, questions)
        self._arena_prompts(file, arena)

    @as_far_as_right
    def _answered_once(self, file: str, arena: Arena, questions: Benchmark | None) -> None:
        if questions is not None and questions.n_samples != 1:
            message = (
                f"benchmark '{arena.questions}' has n_samples {questions.n_samples}; "
                "an arena compares one answer a question: set it to 1, or name a benchmark that has 1"
            )
            self.report.add(file, "questions", message)

    @as_far_as_right
    def _arena_prompts(self, file: str, arena: Arena) -> None:
        if self.deep:
            if arena.imported and not (self.root / arena.imported / "model_judgment").is_dir():
                self.report.add(file, "imported", f"there is no folder '{arena.imported}/model_judgment'")
            own = {f"categories.{key}.system": each.system for key, each in arena.categories.items()}
            prompts = {"prompt": arena.prompt, "system": arena.system, **own}
            used = check_prompts(file, prompts, ARENA_FIELDS, self.root, self.report)
            self._require(file, used, ["answer_a", "answer_b"], "every pair of answers")

    def _require(self, file: str, used: frozenset[str] | None, fields: Sequence[str], whom: str) -> None:
        """A prompt that leaves out what it asks about would give numbers that look right."""
        if missing := [field for field in fields if used is not None and field not in used]:
            message = f"does not use {' and '.join(missing)}, so it would be the same for {whom}"
            self.report.add(file, "prompt", message)


@as_far_as_right
def temperatures(benchmarks: Mapping[str, Benchmark], models: Mapping[str, Model], report: Report) -> None:
    """Warn where several samples of a problem would be the same greedy one."""
    for name, benchmark in benchmarks.items():
        own = benchmark.sampling.temperature
        greedy = [
            slug
            for slug, model in models.items()
            if (model.sampling.temperature if own is None else own) == 0
        ]
        if benchmark.n_samples > 1 and greedy:
            whom = "" if own == 0 else f" for {', '.join(greedy)}"
            report.warn(
                f"config/benchmarks/{name}.yaml",
                "n_samples",
                f"{benchmark.n_samples} samples at temperature 0{whom} will be much the same",
            )
