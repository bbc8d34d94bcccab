"""What may stand in config/arenas/NAME.yaml."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from snakeval.config.schema.benchmark import Thresholds
from snakeval.config.values import PositiveInt, Strict, Text


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
