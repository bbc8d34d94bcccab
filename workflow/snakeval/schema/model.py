"""What may stand in config/models/NAME.yaml."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from snakeval.schema.benchmark import Source
from snakeval.schema.sampling import Sampling
from snakeval.schema.values import (
    ApiKeyVariable,
    Body,
    Command,
    Name,
    PositiveFloat,
    PositiveInt,
    SlugTemplate,
    Strict,
    Text,
    Url,
)


class Reasoning(Strict):
    """Marks of a model's reasoning, one or several: what stands between them is never graded.

    A text that opens a block and never closes it has no answer; with `prefilled` the chat template opens one
    before each text. What is not set is inferred (see `snakeval.models`); `start: null` is set: none.
    """

    start: Text | tuple[Text, ...] | None = None
    end: Text | Annotated[tuple[Text, ...], Field(min_length=1)] | None = None
    prefilled: bool | None = None

    @model_validator(mode="after")
    def _differ(self) -> Reasoning:
        """What opens and closes alike is never closed; what is blank stands in every text."""
        by_hand = self.model_fields_set & {"start", "end"}
        start = self.start or (() if "start" in by_hand or not self.end else "<think>")
        end = self.end or ("</think>" if self.start else ())
        opening, closing = ({each} if isinstance(each, str) else set(each) for each in (start, end))
        if both := opening & closing:
            raise ValueError(f"'start' and 'end' are both {both.pop()!r}: they must differ")
        if any(not mark.strip() for mark in opening | closing):
            raise ValueError("a mark of reasoning must be more than white space")
        return self


class Model(Strict):
    """config/models/NAME.yaml: where a model is and how it is served."""

    model: Text
    revision: Text | None = None
    adapter: Text | None = None
    label: str | None = None
    slug: SlugTemplate | None = None
    agent: Name | None = None
    engine: Literal["vllm", "sglang", "llama_cpp", "external", "recorded"] = "vllm"
    answers: dict[Name, Source] = Field(default_factory=dict)
    base_urls: tuple[Url, ...] | None = None
    urls_count: bool = False
    server: Name | None = None
    api_key_env: ApiKeyVariable | None = None
    api_key_file: Text | None = None
    served_model_name: Text | None = None
    hosted: bool = False
    context_length: PositiveInt | None = None
    prompt_margin: PositiveInt | None = None
    max_tokens: PositiveInt | None = None
    dtype: Literal["auto", "bfloat16", "float16", "float32"] | None = None
    tensor_parallel_size: PositiveInt | None = None
    pipeline_parallel_size: PositiveInt | None = None
    data_parallel_size: PositiveInt | None = None
    nodes: PositiveInt | None = None
    distributed_executor_backend: Literal["mp", "ray"] | None = None
    lanes: PositiveInt | None = None
    chat_template: Text | None = None
    reasoning: Reasoning = Reasoning()
    sampling: Sampling = Sampling()
    extra_body: Body = Field(default_factory=dict)
    vllm: Command | None = None
    vllm_version: Text | None = None
    engine_args: tuple[str, ...] = ()
    env: dict[str, str] = Field(default_factory=dict)
    concurrency: PositiveInt | Literal["auto"] = "auto"
    request_timeout: PositiveFloat = 3600.0
    start_timeout: PositiveFloat = 3600.0
    lease_timeout: PositiveFloat = 86_400.0
    max_attempts: PositiveInt = 5
