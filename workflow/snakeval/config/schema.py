"""What may stand in each configuration file: one class a file, one field a key.

The JSON schemas in config/schemas are generated from these classes (`snakeval.config.jsonschema`)
and so are the checks at run time; config/README.md documents every key.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from snakeval.config.values import (
    ApiKeyVariable,
    Fraction,
    Name,
    Names,
    NonNegativeInt,
    Penalty,
    PositiveFloat,
    PositiveInt,
    Regex,
    Sha256,
    Slug,
    Strict,
    Temperature,
    Text,
    TopK,
    TopP,
)


class Sampling(Strict):
    """Sampling parameters as OpenAI-compatible servers name them; a key left out is not sent."""

    temperature: Temperature | None = None
    top_p: TopP | None = None
    top_k: TopK | None = None
    min_p: Fraction | None = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    repetition_penalty: PositiveFloat | None = None
    stop: tuple[Text, ...] | None = None
    max_tokens: PositiveInt | None = None


class JudgeSampling(Sampling):
    """Sampling parameters of a judge, greedy unless its file says otherwise."""

    temperature: Temperature | None = 0.0


class Reasoning(Strict):
    """Delimiters of a model's reasoning: what stands before `end` is never graded.

    With `start` set, a text that opens a block and never closes it has no answer.
    """

    start: Text | None = "<think>"
    end: Text = "</think>"


class Model(Strict):
    """config/models/NAME.yaml: where a model is and how it is served."""

    model: Text
    revision: Text | None = None
    label: str | None = None
    slug: Slug | None = None
    engine: Literal["vllm", "external"] = "vllm"
    base_urls: tuple[str, ...] | None = None
    api_key_env: ApiKeyVariable | None = None
    served_model_name: Text | None = None
    hosted: bool = False
    context_length: PositiveInt | None = None
    prompt_margin: PositiveInt | None = None
    max_tokens: PositiveInt | None = None
    dtype: Literal["auto", "bfloat16", "float16", "float32"] | None = None
    tensor_parallel_size: PositiveInt | None = None
    data_parallel_size: PositiveInt | None = None
    chat_template: Text | None = None
    reasoning: Reasoning = Reasoning()
    sampling: Sampling = Sampling()
    extra_body: dict[str, object] = Field(default_factory=dict)
    engine_args: tuple[str, ...] = ()
    env: dict[str, str] = Field(default_factory=dict)
    concurrency: PositiveInt | Literal["auto"] = "auto"
    request_timeout: PositiveFloat = 3600.0
    start_timeout: PositiveFloat = 3600.0
    max_attempts: PositiveInt = 5


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


class Grader(Strict):
    """One way to grade a benchmark; its `name` is the file's name under results/grades."""

    type: Literal["math", "exact", "judge"]
    name: Name = ""
    judge: Text | None = None
    timeout: PositiveFloat = 10.0
    ignore_case: bool = False

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
        return self


class Thresholds(Strict):
    """Largest fraction of samples that may be invalid, by cause; null means any."""

    truncated: Fraction | None = None
    empty: Fraction | None = None
    unextracted: Fraction | None = None
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
    n_samples: PositiveInt = 1
    k: tuple[PositiveInt, ...] | None = None
    limit: PositiveInt | None = None
    sampling: Sampling = Sampling()
    graders: tuple[Grader, ...] = ()
    thresholds: Thresholds | None = None


class Verdicts(Strict):
    """Regular expressions that find an answer judge's verdict; the last match in its text counts."""

    correct: Regex
    incorrect: Regex


class Judge(Strict):
    """config/judges/NAME.yaml: a model in the role of a judge."""

    label: str | None = None
    model: Text
    prompt: Text | None = None
    system: Text | None = None
    verdicts: Verdicts | None = None
    sampling: JudgeSampling = JudgeSampling()
    max_attempts: PositiveInt = 3


class Arena(Strict):
    """config/arenas/NAME.yaml: questions, baseline and judges of one pairwise comparison."""

    label: str | None = None
    questions: Text
    baseline: Text
    judges: Annotated[tuple[Text, ...], Field(min_length=1)]
    models: tuple[Text, ...] | None = None
    prompt: Text
    system: Text | None = None
    weight: PositiveInt = 3
    thresholds: Thresholds | None = None


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
    seed: NonNegativeInt = 0
    gpus: Gpus = Gpus()
    bootstrap: Bootstrap = Bootstrap()
    thresholds: Thresholds = Thresholds()
