"""What may stand in config/benchmarks/NAME.yaml."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from snakeval.schema.judge import Points
from snakeval.schema.sampling import Sampling
from snakeval.schema.values import (
    Count,
    Fraction,
    Name,
    PositiveFloat,
    PositiveInt,
    Regex,
    Sha256,
    Strict,
    Text,
)


class Source(Strict):
    """Where a benchmark's rows are: exactly one of `file`, `dataset` and `url`."""

    file: Text | None = None
    dataset: Text | None = None
    revision: Text | None = None
    subset: Text | None = None
    split: Text | None = None
    url: Text | None = None
    sha256: Sha256 | None = None
    format: Literal["jsonl", "json", "csv", "parquet"] | None = None
    non_finite: bool = False
    where: dict[str, Regex] = Field(default_factory=dict)
    rows: PositiveInt | None = None
    licence: Text | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Source:
        given = [name for name in ("file", "dataset", "url") if getattr(self, name) is not None]
        if len(given) != 1:
            words = " and ".join(f"'{name}'" for name in given) or "none of them"
            raise ValueError(f"give exactly one of 'file', 'dataset' and 'url', not {words}")
        for key in ("revision", "subset", "split"):
            if getattr(self, key) is not None and not self.dataset:
                raise ValueError(f"'{key}' goes with 'dataset' alone, not with '{given[0]}'")
        if self.url and not self.sha256:
            raise ValueError("a 'url' needs the 'sha256' of the file behind it")
        if self.dataset and not (self.revision and self.split):
            raise ValueError("a 'dataset' needs its 'revision' (a commit) and its 'split'")
        return self


class Fields(Strict):
    """Which column of the source holds what. `reference: null` where there is no golden answer."""

    problem_id: Text | None = None
    problem: Text = "problem"
    reference: Text | None = "answer"
    guidelines: Text | None = None
    reference_form: Literal["whole", "boxed", "hashes", "any_of", "all_of"] = "whole"
    choices: tuple[Text, ...] | None = Field(default=None, min_length=1, max_length=9)

    @model_validator(mode="after")
    def _right_option(self) -> Fields:
        if self.choices is not None and (self.reference is None or self.reference_form != "whole"):
            raise ValueError("'choices' are the wrong options beside the right one, the whole of 'reference'")
        if self.choices is not None and len({self.reference, *self.choices}) <= len(self.choices):
            raise ValueError("'choices' names a column twice, or that of the right option, 'reference'")
        return self


class FewShot(Strict):
    """Worked examples before each problem: rows of a source with the problem's columns and the response."""

    source: Source
    n: Count
    response: Text = "response"
    form: Literal["turns", "text"] = "turns"


class Code(Strict):
    """How a grader of type code makes tests from a row, and what the programs may use."""

    format: Literal["humaneval", "mbpp", "evalplus", "stdio", "livecodebench"]
    suite: Literal["base", "plus"] = "base"
    language: Literal["python", "cpp", "any"] = "python"
    memory_mib: PositiveInt = 1024
    tests: Text | None = None
    include: Text | None = None
    packages: Text | None = None
    image: Text | None = None
    unsafe: bool = False

    @model_validator(mode="after")
    def _fits(self) -> Code:
        if self.language != "python" and self.format != "stdio":
            raise ValueError(f"'language: {self.language}' goes with 'format: stdio' alone")
        if self.format != "stdio" and (self.tests or self.include):
            raise ValueError("'tests' and 'include' go with 'format: stdio' alone")
        return self


class Grader(Strict):
    """One way to grade a benchmark; its `name` is the file's name under results/grades."""

    type: Literal["math", "exact", "points", "ifeval", "ifbench", "judge", "code"]
    name: Name = ""
    judge: Text | None = None
    timeout: PositiveFloat = 10.0
    ignore_case: bool = False
    loose: bool = False
    extraction: Literal["flexible", "strict"] = "flexible"
    asked: tuple[Literal["boxed", "hashes", "answer_is"], ...] = ("boxed",)
    numbers: Literal["exact", "minerva"] = "exact"
    points: Points | None = None
    code: Code | None = None

    @model_validator(mode="before")
    @classmethod
    def _default_name(cls, values: object) -> object:
        if isinstance(values, dict) and "name" not in values:
            return {**values, "name": values.get("judge") or values.get("type", "")}
        return values

    @model_validator(mode="after")
    def _judge_named(self) -> Grader:
        if (self.type == "judge") != (self.judge is not None):
            raise ValueError("'judge' names a file of config/judges and goes with 'type: judge' alone")
        if self.ignore_case and self.type != "exact":
            raise ValueError("'ignore_case' goes with 'type: exact' alone")
        if self.loose and self.type not in ("ifeval", "ifbench"):
            raise ValueError("'loose' goes with 'type: ifeval' and 'type: ifbench' alone")
        if (self.type == "points") != (self.points is not None):
            raise ValueError("'points' says how points are read and goes with 'type: points' alone")
        if self.extraction == "strict" and self.type != "math":
            raise ValueError("'extraction' goes with 'type: math' alone")
        if self.numbers != "exact" and self.type != "math":
            raise ValueError("'numbers' says how numbers are compared and goes with 'type: math' alone")
        if self.asked != ("boxed",) and self.extraction != "strict":
            raise ValueError("'asked' says what 'extraction: strict' takes, and goes with it alone")
        if (self.type == "code") != (self.code is not None):
            raise ValueError("'code' says what the tests are and goes with 'type: code', which needs it")
        return self

    @property
    def needs_reference(self) -> bool:
        """Whether a golden answer must be there; else problems, tests or a judge say what is right."""
        by_tests = self.code is not None and self.code.format in ("stdio", "livecodebench")
        return self.type not in ("judge", "ifeval", "ifbench") and not by_tests


class Thresholds(Strict):
    """Largest fraction of samples that may be invalid, by cause; null means any."""

    truncated: Fraction | None = 0.5
    filtered: Fraction | None = 0.02
    empty: Fraction | None = 0.9
    unclosed: Fraction | None = None
    unextracted: Fraction | None = 0.9
    timed_out: Fraction | None = 0.01
    judge_null: Fraction | None = 0.02
    infrastructure_failed: Fraction | None = 0.0


class Benchmark(Strict):
    """config/benchmarks/NAME.yaml: problems, prompt, samples and graders of one benchmark."""

    label: str | None = None
    source: Source
    fields: Fields = Fields()
    prompt: Text
    system: Text | None = None
    few_shot: FewShot | None = None
    endpoint: Literal["chat", "completions"] = "chat"
    corrections: Name | None = None
    n_samples: Count = 1
    k: tuple[Count, ...] | None = None
    limit: PositiveInt | None = None
    shards: Count = 1
    sampling: Sampling = Sampling()
    graders: tuple[Grader, ...] = ()
    thresholds: Thresholds | None = None
    by: tuple[Text, ...] = ()
    publish: bool = True

    @model_validator(mode="after")
    def _one_text(self) -> Benchmark:
        """A plain completion continues one text: it has neither a system message nor turns."""
        if self.endpoint == "completions" and self.system:
            raise ValueError("'endpoint: completions' has no system message; put its text into the prompt")
        if self.endpoint == "completions" and self.few_shot and self.few_shot.form == "turns":
            raise ValueError("'endpoint: completions' needs few_shot.form 'text'")
        return self
