"""Sampling parameters of models, benchmarks and judges."""

from __future__ import annotations

from snakeval.schema.values import (
    Fraction,
    Penalty,
    PositiveFloat,
    PositiveInt,
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
