"""What may stand in config/judges/NAME.yaml."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, model_validator

from snakeval.schema.sampling import JudgeSampling
from snakeval.schema.values import (
    ApiKeyVariable,
    Body,
    Count,
    NonNegativeFloat,
    PositiveFloat,
    PositiveInt,
    Regex,
    Strict,
    Text,
    Url,
)


class Verdicts(Strict):
    """Regular expressions that find an answer judge's verdict; the last match in its text counts."""

    correct: Regex
    incorrect: Regex


class Points(Strict):
    """A judge's points: what the one group of a regular expression finds, from 0 to `maximum`."""

    pattern: Regex
    maximum: PositiveInt = 7

    @model_validator(mode="after")
    def _one_group(self) -> Points:
        if re.compile(self.pattern).groups != 1:
            raise ValueError("'pattern' needs one group, in parentheses, around the points")
        return self


class Price(Strict):
    """What a hosted judge costs, per million tokens."""

    input: NonNegativeFloat
    output: NonNegativeFloat
    cached_input: NonNegativeFloat | None = None
    currency: Text = "USD"


class RateLimits(Strict):
    """What an endpoint accepts within a minute; null is no limit."""

    requests_per_minute: PositiveFloat | None = None
    tokens_per_minute: PositiveFloat | None = None


class Judge(Strict):
    """config/judges/NAME.yaml: a model in the role of a judge."""

    label: str | None = None
    model: Text
    prompt: Text | None = None
    system: Text | None = None
    verdicts: Verdicts | None = None
    points: Points | None = None
    sampling: JudgeSampling = JudgeSampling()
    max_attempts: Count = 3
    batch_size: PositiveInt = 10
    base_urls: tuple[Url, ...] | None = None
    api_key_env: ApiKeyVariable | None = None
    concurrency: PositiveInt | Literal["auto"] | None = None
    reasoning_effort: Text | None = None
    extra_body: Body = Field(default_factory=dict)
    rate_limits: RateLimits = RateLimits()
    price: Price | None = None
    budget: PositiveFloat | None = None
    human: Text | None = None
