"""What a server sends -> rows -> grades -> the score and what stands beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from snakeval.asking import ask as asking
from snakeval.asking.ask import Limits
from snakeval.asking.rows import complete, rows_of
from snakeval.grading.grade import grade
from snakeval.report.summary import Display, rows
from snakeval.schema import Grader, Reasoning, Thresholds
from snakeval.scoring.aggregate import aggregate
from snakeval.scoring.validity import ValidityError, check
from snakeval.system.tables import write_rows
from snakeval.types import Generation, Problem
from unit.asking.fake_server import FakeServer
from unit.asking.replies import reply
from unit.asking.test_ask import FixedHandle, requests

# What the server sends to each problem, all of which have the answer 4.
SENT: list[dict[str, Any]] = [
    reply(content="4"),
    reply(content="4", finish_reason="COMPLETE"),
    reply(content=r"\boxed{4}" + "\ud83d"),
    reply(content=[{"type": "thinking", "thinking": "2 + 2"}, {"type": "text", "text": "4"}]),
    reply(content="4", finish_reason="MAX_TOKENS"),
    reply(content="4", finish_reason="content_filter"),
    reply(content="4", refusal="no"),
    {"status": 403, "code": "permission", "error": "Content violates usage guidelines"},
    reply(content="4", finish_reason="error"),
    reply(content="4", model="another"),
]


@pytest.mark.parametrize("is_hosted", [False, True])
def test_each_answer_counts_as_what_it_is(
    is_hosted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "FIRST_PAUSE", 0.01)

    async def answer(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        payload = SENT[body["seed"]]
        return web.json_response(payload, status=payload.get("status", 200))

    asked = requests(len(SENT))
    with FakeServer(answer).running() as server:
        limits = Limits(concurrency=4, max_attempts=2, hosted=is_hosted)
        index = complete(asked, tmp_path / "j", FixedHandle(server.base_url), limits)
    paths = [tmp_path / f"{name}.parquet" for name in ("problems", "generations", "grades")]
    write_rows(paths[0], Problem, [Problem(each.problem_id, each.messages, "4") for each in asked])
    write_rows(paths[1], Generation, rows_of(asked, index))
    problems, generations, grades = paths
    grade(problems, generations, grades, Grader(type="math"), Reasoning(), workers=1)
    metrics = aggregate(*paths, data_source="d", model="m", grader="math", rounds=9)
    assert metrics["validity"] == {
        **{"requested": 10, "generated": 8, "truncated": 1, "filtered": 3, "empty": 0, "unclosed": 0},
        **{"unextracted": 0, "timed_out": 0, "judge_null": 0, "infrastructure_failed": 1},
        **{"other_model": 1, "renamed": 1, "replaced": 1, "foreign_reasoning": 0},
    }
    assert metrics["pass_at_k"]["1"] == pytest.approx(0.6)
    assert metrics["answered_by"] == {"the-model": 7, "another": 1}
    (row,) = rows([metrics], Display({}, {}))
    assert row.flags.startswith("truncated 10.0%, filtered 30.0%, infrastructure_failed 10.0%, other_model")
    assert row.flags.endswith("answered by the-model (7) and another (1)")
    with pytest.raises(ValidityError, match=r"filtered: 3 of 10 .30.00%., thresholds.filtered allows 2.00%"):
        check(metrics["validity"], Thresholds().model_dump())
