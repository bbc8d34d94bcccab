"""Answers that a filter withheld are shown to no judge, and told apart from those that could not be had."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from snakeval.arena.answer_styles import answer_styles
from snakeval.arena.duels import Replies, _judged, pair_up, replies_of
from snakeval.arena.exchange import answers
from snakeval.arena.wordings import Prompts
from snakeval.judging.judgments import WITHHELD
from snakeval.schema import Arena, Reasoning
from snakeval.system.tables import write_rows
from snakeval.types import Generation, Message, Problem

ASKED: Message = {"role": "user", "content": "?"}
PROBLEM = Problem("q", (ASKED,), None)
ROW = Generation("q", 0, "d" * 32, (ASKED,), 1, "half of an ans", None, "stop", 7, 9, 0.5)
COULD_NOT = "an answer to this question could not be had"
# What the row says, whether it is played, the games' error where it is not.
ROWS = [
    ({}, True, None),
    ({"text": ""}, True, None),
    ({"finish_reason": "length"}, True, None),
    ({"finish_reason": "content_filter"}, False, WITHHELD),
    ({"finish_reason": "SAFETY", "text": ""}, False, WITHHELD),
    ({"finish_reason": "refusal"}, False, WITHHELD),
    ({"text": None, "error": "permanent: HTTP 403: no (refused by a filter)"}, False, WITHHELD),
    ({"text": None, "error": "permanent: HTTP 403: no"}, False, COULD_NOT),
    ({"finish_reason": "error"}, False, COULD_NOT),
    ({"finish_reason": "network_error"}, False, COULD_NOT),
]


class _Wording:
    """Prompts without a file."""

    def messages(self, category: str | None, values: dict[str, str]) -> tuple[Message, ...]:
        return ({"role": "user", "content": f"{values['answer_a']} | {values['answer_b']}"},)


@pytest.mark.parametrize(("changes", "played", "error"), ROWS)
@pytest.mark.parametrize("side", ["base", "m"])
def test_what_a_judge_sees(
    side: str, changes: dict[str, str | None], played: bool, error: str | None, tmp_path: Path
) -> None:
    arena = Arena(questions="q", baseline="base", judges=("j",), prompt="p")
    replies: dict[str, Replies] = {}
    for name in ("base", "m"):
        path = tmp_path / f"{name}.parquet"
        write_rows(path, Generation, [replace(ROW, **changes) if name == side else ROW])  # type: ignore[arg-type]
        replies[name] = replies_of(path, Reasoning())
    (duel,) = pair_up([PROBLEM], arena, "m", {"": "base"}, replies, cast(Prompts, _Wording()))
    assert len(duel.games) == (2 if played else 0)
    if not played:
        assert [game["error"] for game in _judged(duel, {}, {})] == [error] * 2
    write_rows(tmp_path / "problems.parquet", Problem, [PROBLEM])
    path = tmp_path / f"{side}.parquet"
    assert len(answer_styles(path, "m", Reasoning())) == played
    assert len(list(answers(path, tmp_path / "problems.parquet", "m"))) == played
