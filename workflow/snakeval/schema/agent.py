"""What may stand in config/agents/NAME.yaml."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from snakeval.schema.sampling import Sampling
from snakeval.schema.values import Count, CountOrNone, PositiveInt, Strict, Text

Kind = Literal["self_eval_sequential", "deepseek_math"]
# Keys that only one kind follows.
OWN: dict[Kind, tuple[str, ...]] = {
    "self_eval_sequential": ("iterations", "stop_when_passed"),
    "deepseek_math": ("proofs", "verifications", "refined", "analyses", "rounds"),
}


class Agent(Strict):
    """config/agents/NAME.yaml: several turns with one model that give one answer."""

    kind: Kind
    generate: Text | None = None
    evaluate: Text
    refine: Text
    sampling: Sampling
    max_total_tokens: PositiveInt
    iterations: Count = 3
    stop_when_passed: bool = True
    proofs: Count = 64
    verifications: Count = 64
    refined: Count = 64
    analyses: Count = 8
    rounds: CountOrNone = 16

    @model_validator(mode="after")
    def _fits(self) -> Agent:
        for kind, keys in OWN.items():
            changed = [key for key in keys if getattr(self, key) != type(self).model_fields[key].default]
            if kind != self.kind and changed:
                raise ValueError(f"'{changed[0]}' goes with 'kind: {kind}', not with '{self.kind}'")
        if self.sampling.max_tokens is None:
            raise ValueError(
                "'sampling.max_tokens' is missing: later prompts hold earlier answers, so the longest answer "
                "must leave room for them in the context"
            )
        return self
