"""Agents against a scripted server: the order of turns, the choice, the end, what a kill costs."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from snakeval.asking.pace import read_paces, tokens_per_sample
from snakeval.generation.agents.turns import score_of
from snakeval.journal.lines import decode_line
from snakeval.types import Generation
from unit.generation.agent_project import JOURNAL, AgentProject, agent

SEQUENTIAL, POOL = "self_eval_sequential", "deepseek_math"
SMALL_POOL: dict[str, Any] = {"proofs": 2, "verifications": 2, "refined": 1, "analyses": 1, "rounds": 2}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AgentProject:
    return AgentProject(tmp_path, monkeypatch)


def better(turn: str, content: str) -> str:
    """Each refinement adds a plus to the answer; an evaluation repeats the pluses and gives none a 1."""
    pluses = content.count("+") - 1  # one is the problem's
    return (
        rf"\boxed{{0.5}} {'~' * pluses}" if turn == "evaluate" else "a" + "+" * (pluses + (turn == "refine"))
    )


def finished() -> list[dict[str, Any]]:
    """What the journal says of finished samples."""
    lines = [line for path in sorted(JOURNAL.glob("*.jsonl")) for line in path.read_bytes().splitlines()]
    rows = [decode_line(line + b"\n") for line in lines]
    return [row["agent"] for row in rows if "agent" in row]


def without_times(rows: list[Generation]) -> list[dict[str, Any]]:
    return [{**asdict(row), "seconds": None} for row in rows]


SCORES = [
    (r"Fine. \boxed{1}", 1.0),
    (r"\boxed{1} at first, but then \boxed{ 0.5 }.", 0.5),
    (r"\boxed {0}", 0.0),
    (r"\boxed{1.0}", 1.0),
    (r"\boxed{0.7}", None),
    (r"\boxed{1} or \boxed{x}", None),
    ("1", None),
    (r"\boxed{}", None),
    (r"\boxed{nan}", None),
    (None, None),
]


@pytest.mark.parametrize(("text", "score"), SCORES)
def test_scores(text: str | None, score: float | None) -> None:
    assert score_of(text) == score


def test_generate_evaluate_refine_in_turn(project: AgentProject) -> None:
    rows = project.run(agent(SEQUENTIAL, iterations=2), better)
    mine = [(turn, content) for turn, content in project.said if " 2 + 1?" in content]
    assert mine == [
        ("generate", "Level 1. 2 + 1?"),
        ("evaluate", "CHECK Level 1. 2 + 1? ANSWER a"),
        ("refine", r"MEND Level 1. 2 + 1? ANSWER a SAID \boxed{0.5}"),
        ("evaluate", "CHECK Level 1. 2 + 1? ANSWER a+"),
        ("refine", r"MEND Level 1. 2 + 1? ANSWER a+ SAID \boxed{0.5} ~"),
    ]
    assert [(row.problem_id, row.text, row.finish_reason) for row in rows] == [
        (f"s{i}", "a++", "stop") for i in range(3)
    ]
    assert rows[2].messages == ({"role": "user", "content": "Level 1. 2 + 1?"},)
    assert (rows[2].prompt_tokens, rows[2].completion_tokens) == (5 * 7, len("a" + r"\boxed{0.5}") * 2 + 7)
    assert [each["ended"] for each in finished()] == ["iterations"] * 3
    project.run(agent(SEQUENTIAL, iterations=2), better)
    assert project.said == []


def test_no_sample_waits_for_another(project: AgentProject) -> None:
    """One whose first answer takes until the others are through all of their turns."""
    left = {"1 + 1": 1, "2 + 1": 1}

    async def slow(turn: str, content: str) -> str:
        key = next((key for key in left if key in content), None)
        if key and turn == "refine":
            left[key] -= 1
        while key is None and turn == "generate" and any(left.values()):
            await asyncio.sleep(0.01)
        return better(turn, content)

    rows = project.run(agent(SEQUENTIAL, iterations=1), slow)
    assert [row.text for row in rows] == ["a+"] * 3


def test_samples_are_begun_where_a_place_is_free(project: AgentProject) -> None:
    """So that what is under way, all of whose texts are in memory, stays small; four are asked at once."""
    project.samples = 10
    rows = project.run(agent(SEQUENTIAL, iterations=2), better)
    assert [row.text for row in rows] == ["a++"] * 30
    kinds = [turn for turn, _ in project.said]
    for at in range(len(kinds)):
        begun, ended = kinds[:at].count("generate"), kinds[:at].count("refine") // 2
        assert begun - ended <= 8


def test_a_passed_answer_is_not_refined(project: AgentProject) -> None:
    def script(turn: str, content: str) -> str:
        return r"\boxed{1}" if turn == "evaluate" and "0 + 1" in content else better(turn, content)

    rows = project.run(agent(SEQUENTIAL, iterations=1), script)
    assert [row.text for row in rows] == ["a", "a+", "a+"]
    assert project.turns() == {"generate": 3, "evaluate": 3, "refine": 2}
    rows = project.run(agent(SEQUENTIAL, iterations=1, stop_when_passed="false"), script)
    assert [row.text for row in rows] == ["a+", "a+", "a+"]
    assert project.turns() == {"refine": 1}  # nothing else has changed


def test_the_pace_counts_samples_with_all_of_their_tokens(project: AgentProject) -> None:
    rows = project.run(agent(SEQUENTIAL, iterations=2), better)
    project.run(agent(SEQUENTIAL, iterations=1), better)  # nothing is asked
    assert tokens_per_sample(read_paces(JOURNAL)) == rows[0].completion_tokens


def test_a_changed_parameter_asks_for_new_turns_alone(project: AgentProject) -> None:
    before = project.run(agent(SEQUENTIAL, iterations=1), better)
    after = project.run(agent(SEQUENTIAL, iterations=2), better)
    assert project.turns() == {"evaluate": 3, "refine": 3}
    assert {row.digest for row in before}.isdisjoint(row.digest for row in after)


def test_the_budget_ends_with_the_best_so_far(project: AgentProject) -> None:
    rows = project.run(agent(SEQUENTIAL, budget=9, iterations=5), better)
    assert project.turns() == {"generate": 3, "evaluate": 3}
    assert [row.text for row in rows] == ["a"] * 3
    assert [each["ended"] for each in finished()] == ["budget"] * 3


def judged(turn: str, content: str) -> str:
    """A pool's first proofs fail; a refined one is better, one refined twice passes."""
    scores = {0: "0", 1: "0.5", 2: "1"}
    pluses = content.count("+") - 1
    if turn == "evaluate":
        return rf"found {pluses} \boxed{{{scores[pluses]}}}"
    return "p" + "+" * (pluses + 1 if turn == "refine" else 0)


def test_the_pool_refines_the_best_until_one_passes(project: AgentProject) -> None:
    rows = project.run(agent(POOL, **{**SMALL_POOL, "rounds": 9}), judged)
    assert [row.text for row in rows] == ["p++"] * 3
    # 2 proofs, 2 verifications each; then twice one refined proof with its 2 verifications.
    assert project.turns() == {"generate": 6, "evaluate": 3 * (4 + 2 + 2), "refine": 6}
    assert [(each["ended"], each["score"], each["turns"]) for each in finished()] == [("passed", 1.0, 12)] * 3
    refined = [content for turn, content in project.said if turn == "refine" and " 1 + 1?" in content]
    assert "ANSWER p SAID found 0" in refined[0]
    assert "ANSWER p+ SAID found 1" in refined[1]


def test_rounds_are_bounded_and_the_highest_mean_is_chosen(project: AgentProject) -> None:
    def worse(turn: str, content: str) -> str:
        return (
            rf"\boxed{{{'0' if 'p+' in content else '0.5'}}}" if turn == "evaluate" else judged(turn, content)
        )

    rows = project.run(agent(POOL, **SMALL_POOL), worse)
    assert [row.text for row in rows] == ["p"] * 3
    # The first proof stays the best, so that it is refined again in the second round.
    assert project.turns() == {"generate": 6, "evaluate": 3 * (4 + 2 + 2), "refine": 6}
    assert [(each["ended"], each["score"]) for each in finished()] == [("rounds", 0.5)] * 3


def test_unreadable_scores_count_for_nothing(project: AgentProject) -> None:
    rows = project.run(agent(POOL, **SMALL_POOL), lambda turn, _: "no score" if turn == "evaluate" else "p")
    assert [row.text for row in rows] == ["p"] * 3
    assert project.turns() == {"generate": 6, "evaluate": 12}
    assert [(each["ended"], each["score"]) for each in finished()] == [("no_evaluation", None)] * 3


def test_an_unreadable_verification_is_none_that_passed(project: AgentProject) -> None:
    seen: list[str] = []

    def half(turn: str, content: str) -> str:
        seen.append(content)
        return "p" if turn != "evaluate" else r"good \boxed{1}" if content in seen[:-1] else "no score"

    project.run(agent(POOL, **{**SMALL_POOL, "proofs": 1, "rounds": 0}), half)
    assert [(each["ended"], each["score"]) for each in finished()] == [("rounds", 1.0)] * 3


def test_cut_texts_are_not_gone_on_with(project: AgentProject) -> None:
    def cut(turn: str, content: str) -> str | None:
        return None if turn == "refine" else judged(turn, content)

    rows = project.run(agent(POOL, **SMALL_POOL), cut)
    assert [(row.text, row.finish_reason) for row in rows] == [("p", "stop")] * 3
    # Nothing new to verify in either round.
    assert project.turns() == {"generate": 6, "evaluate": 12, "refine": 6}
    for kind, keys in ((POOL, SMALL_POOL), (SEQUENTIAL, {})):
        rows = project.run(agent(kind, sampling="{max_tokens: 99}", **keys), lambda *_: None)
        assert [(row.text, row.finish_reason, row.error) for row in rows] == [("cut", "length", None)] * 3
        assert [each["ended"] for each in finished()][-3:] == ["no_answer"] * 3


def test_inferred_marks_of_reasoning(project: AgentProject) -> None:
    """The template opens the reasoning: what never closes it is not gone on with, what closes it is cut."""
    project.reasoning = {"start": ["<think>"], "end": ["</think>"], "prefilled": True}

    def thinking(turn: str, content: str) -> str:
        if turn == "evaluate":
            return "\\boxed{1} </think> \\boxed{0}" if "REFINED" not in content else "</think> \\boxed{1}"
        return "no </think>\n\nREFINED" if turn == "refine" else "so </think>\n\nFIRST"

    rows = project.run(agent(SEQUENTIAL), thinking)
    assert {row.text for row in rows} == {"no </think>\n\nREFINED"}
    assert {
        content.partition(" ANSWER ")[2].split(" SAID ")[0]
        for turn, content in project.said
        if turn != "generate"
    } == {"FIRST", "REFINED"}
    project.run(agent(SEQUENTIAL, sampling="{max_tokens: 99}"), lambda *_: "so it goes on")
    assert [each["ended"] for each in finished()][-3:] == ["no_answer"] * 3


def test_shards_give_the_same(project: AgentProject) -> None:
    text = agent(POOL, **SMALL_POOL)
    halves = without_times(project.run(text, judged, shards=2))
    assert without_times(project.run(text, judged)) == halves
    assert project.said == []


def test_budget_of_a_pool(project: AgentProject) -> None:
    rows = project.run(agent(POOL, budget=16, **SMALL_POOL), judged)
    assert project.turns() == {"generate": 6}
    assert [row.text for row in rows] == ["p"] * 3
    assert [each["ended"] for each in finished()] == ["budget"] * 3


def test_a_failed_turn_is_all_that_the_next_run_asks_for(project: AgentProject) -> None:
    def failing(turn: str, content: str) -> str | int:
        return 500 if turn == "refine" and "1 + 1" in content else better(turn, content)

    rows = project.run(agent(SEQUENTIAL, iterations=1), failing)
    assert [row.text for row in rows] == ["a+", None, "a+"]
    assert rows[1].error is not None
    assert rows[1].error.startswith("transient")
    rows = project.run(agent(SEQUENTIAL, iterations=1), better)
    assert [row.text for row in rows] == ["a+"] * 3
    assert project.turns() == {"refine": 1}


def test_a_refused_turn_ends_a_sample_with_what_it_has(project: AgentProject) -> None:
    """A prompt that is longer than the context, for one."""
    rows = project.run(
        agent(SEQUENTIAL), lambda turn, content: 400 if turn == "refine" else better(turn, content)
    )
    assert [(row.text, row.error) for row in rows] == [("a", None)] * 3
    assert [each["ended"] for each in finished()] == ["no_refinement"] * 3
    rows = project.run(agent(SEQUENTIAL, sampling="{max_tokens: 99}"), lambda *_: 400)
    assert [(row.error or "").partition(":")[0] for row in rows] == ["permanent"] * 3


@pytest.mark.parametrize(
    ("text", "script"),
    [(agent(SEQUENTIAL, iterations=2), better), (agent(POOL, **SMALL_POOL), judged)],
    ids=[SEQUENTIAL, POOL],
)
def test_a_kill_at_any_turn_changes_nothing(text: str, script: Any, project: AgentProject) -> None:
    project.samples = 2
    whole, asked = without_times(project.run(text, script)), len(project.said)
    (file,) = JOURNAL.glob("*.jsonl")
    rows = file.read_bytes().splitlines(keepends=True)
    lines = [line for line in rows if "agent" not in decode_line(line)]  # without finished samples
    assert len(lines) == asked
    for kept in range(0, asked, 5):
        for path in JOURNAL.glob("*.jsonl"):
            path.unlink()
        file.write_bytes(b"".join(lines[:kept]))
        assert without_times(project.run(text, script)) == whole
        assert len(project.said) == asked - kept
