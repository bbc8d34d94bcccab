"""What may stand in config/judges/NAME.yaml."""

from __future__ import annotations

from snakeval.config.schema.sampling import JudgeSampling
from snakeval.config.values import PositiveInt, Regex, Strict, Text


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
