"""What may stand in config/lm_eval/NAME.yaml."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from snakeval.schema.values import NonNegativeInt, PositiveInt, Strict, Text


class LmEvalTask(Strict):
    """config/lm_eval/NAME.yaml: a task of EleutherAI's lm-evaluation-harness and how it is asked."""

    task: Text
    include_path: Text | None = None
    endpoint: Literal["chat", "completions"] = "chat"
    tokenizer: Text | None = None
    num_fewshot: NonNegativeInt | None = None
    limit: PositiveInt | None = None
    gen_kwargs: dict[str, object] = Field(default_factory=dict)
