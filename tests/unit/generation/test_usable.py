"""Which turns of an agent are gone on with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from snakeval.generation.agents.game import usable
from snakeval.schema import Reasoning
from snakeval.types import Generation

ROW = Generation("p", 0, "d" * 32, ({"role": "user", "content": "?"},), 1, "a proof", None, "stop", 7, 9, 0.5)
ENDS = {
    "stop": "a proof",
    "end_turn": "a proof",
    "COMPLETE": "a proof",
    None: "a proof",
    "length": None,
    "MAX_TOKENS": None,
    "model_length": None,
    "content_filter": None,
    "SAFETY": None,
    "refusal": None,
    "error": None,
}


@pytest.mark.parametrize("reason", ENDS)
def test_only_a_whole_answer_is_gone_on_with(reason: str | None) -> None:
    assert usable(replace(ROW, finish_reason=reason), Reasoning()) == ENDS[reason]
