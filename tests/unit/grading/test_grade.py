from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from snakeval.grading.gradable import ALL_REASONING, answer_of, reward_of
from snakeval.grading.grade import GradeError, grade
from snakeval.grading.graders.math import UnreadableReference
from snakeval.schema import Grader, Reasoning
from snakeval.scoring.aggregate import aggregate
from snakeval.system.tables import read_notes, read_rows, write_rows
from snakeval.types import COMPLETION, Generation, Grade, Message, Problem, Verdict

MATH = Grader(type="math", timeout=20)
EXACT = Grader(type="exact", ignore_case=True)
ROW = Generation("p0", 0, "d", ({"role": "user", "content": "?"},), 1, "5", None, "stop", 3, 4, 0.1)
FAILED = replace(ROW, text=None, error="timeout")


def write(folder: Path, references: list[str | None], rows: list[Generation]) -> tuple[Path, Path, Path]:
    problems, generations = folder / "problems.parquet", folder / "generations.parquet"
    asked = [Problem(f"p{number}", (), reference) for number, reference in enumerate(references)]
    write_rows(problems, Problem, asked)
    write_rows(generations, Generation, rows)
    return problems, generations, folder / "grades.parquet"


def rows_with(texts: list[tuple[str, str | None]]) -> list[Generation]:
    return [
        replace(ROW, problem_id=problem, sample_index=index, digest=f"d{index}", text=text)
        for index, (problem, text) in enumerate(texts)
    ]


TEXTS: list[tuple[str, str | None]] = [
    ("p1", ""),
    ("p0", r"<think>\boxed{4}</think>So \boxed{5}"),
    ("p0", r"<think>\boxed{5}</think>So \boxed{4}"),
    ("p1", "<think>it never ends"),
    ("p1", "<think>x</think> \n"),
    ("p1", r"\boxed{\frac{2}{4}}"),
    ("p0", "5"),
    ("p1", "   "),
    ("p0", None),
]


@pytest.mark.parametrize(
    ("grader", "verdicts"),
    [
        (MATH, "empty correct incorrect unclosed empty correct correct empty infrastructure_failed"),
        (EXACT, "empty correct incorrect unclosed empty incorrect correct empty infrastructure_failed"),
    ],
    ids=["math", "exact"],
)
def test_one_grade_a_generation_in_their_order(tmp_path: Path, grader: Grader, verdicts: str) -> None:
    rows = rows_with(TEXTS)
    rows[-1] = replace(rows[-1], error="timeout")
    paths = write(tmp_path, ["5", "0.5"], rows)
    grade(*paths, grader, Reasoning(), workers=2)
    grades = list(read_rows(paths[2], Grade))
    assert [grade.verdict for grade in grades] == verdicts.split()
    assert [(g.problem_id, g.sample_index, g.digest) for g in grades] == [
        (row.problem_id, row.sample_index, row.digest) for row in rows
    ]
    expected = {"correct": 1.0, "infrastructure_failed": None}
    assert [grade.reward for grade in grades] == [expected.get(verdict, 0.0) for verdict in verdicts.split()]
    assert [grade.extracted for grade in grades[:3]] == [None, "5", "4"]


def test_a_file_without_anything_to_grade(tmp_path: Path) -> None:
    for rows, verdicts in (([], []), ([FAILED], ["infrastructure_failed"])):
        paths = write(tmp_path, ["5"], rows)
        grade(*paths, MATH, Reasoning(), workers=1)
        assert [grade.verdict for grade in read_rows(paths[2], Grade)] == verdicts


@pytest.mark.parametrize(
    ("references", "rows", "error", "message"),
    [
        (
            ["5"],
            [replace(ROW, problem_id="p7")],
            GradeError,
            "problem 'p7' is not among",
        ),
        ([None], [ROW], GradeError, "problem 'p0' has no reference"),
        (["5"], [ROW, ROW], GradeError, "sample 0 of problem 'p0' is there twice"),
        (["5"], [replace(ROW, digest="")], GradeError, "sample 0 of problem 'p0' has no digest"),
        (["$$"], [ROW], UnreadableReference, "problem 'p0'"),
    ],
    ids=["unknown problem", "no reference", "twice", "no digest", "unreadable reference"],
)
def test_nothing_is_written_where_files_do_not_fit(
    tmp_path: Path,
    references: list[str | None],
    rows: list[Generation],
    error: type[Exception],
    message: str,
) -> None:
    paths = write(tmp_path, references, rows)
    with pytest.raises(error, match=message):
        grade(*paths, MATH, Reasoning(), workers=1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["generations.parquet", "problems.parquet"]


def test_the_log_counts_verdicts_and_how_answers_were_found(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    paths = write(tmp_path, ["5", "0.5"], rows_with(TEXTS[:7]))
    with caplog.at_level(logging.INFO):
        grade(*paths, MATH, Reasoning(), workers=1)
    assert "'correct': 3" in caplog.text
    assert "{'boxed': 3, 'bare': 1}" in caplog.text


@pytest.mark.parametrize(
    ("generation", "expected"),
    [
        (ROW, (None, "5")),
        (FAILED, ("infrastructure_failed", None)),
        (replace(ROW, error="refused"), ("infrastructure_failed", None)),
        (replace(ROW, text=None), ("empty", None)),
        (replace(ROW, text=" \n"), ("empty", None)),
        (replace(ROW, text="<think>a</think>"), ("empty", None)),
        (replace(ROW, text="<think>a"), ("unclosed", None)),
        (replace(ROW, text="<think>a</think>5"), (None, "5")),
        (replace(ROW, text="<think>a", reasoning="b"), (None, "<think>a")),
        (replace(ROW, text=None, reasoning="b"), ("empty", None)),
        (replace(ROW, text="", reasoning="b", finish_reason="length"), ("unclosed", None)),
        (replace(ROW, text="", finish_reason="length"), ("empty", None)),
        (replace(ROW, text="", reasoning="b", finish_reason="MAX_TOKENS"), ("unclosed", None)),
        (replace(ROW, finish_reason="max_tokens"), (None, "5")),
        (replace(ROW, finish_reason=None), (None, "5")),
        (replace(ROW, finish_reason="content_filter"), ("filtered", None)),
        (replace(ROW, finish_reason="SAFETY", text=""), ("filtered", None)),
        (replace(ROW, finish_reason="refusal", reasoning="b"), ("filtered", None)),
        (replace(ROW, text=None, error="permanent: HTTP 403: no (refused by a filter)"), ("filtered", None)),
        (replace(ROW, text=None, error="permanent: HTTP 403: no"), ("infrastructure_failed", None)),
        (replace(ROW, finish_reason="error"), ("infrastructure_failed", None)),
        (replace(ROW, finish_reason="insufficient_system_resource"), ("infrastructure_failed", None)),
    ],
)
def test_answer_of(generation: Generation, expected: tuple[str | None, str | None]) -> None:
    assert answer_of(generation, Reasoning()) == expected


OPENED = Reasoning.model_construct(_fields_set=set(), start=("<think>",), end=("</think>",), prefilled=True)
CONTINUED: tuple[Message, ...] = ({"role": COMPLETION, "content": "2 + 3 ="},)
# (generation, its model's marks, verdict, are there marks that are not the model's)
REASONED = [
    (r"Perhaps it is \boxed{5}. Wait, let me check", OPENED, "unclosed", 0),
    (r"Perhaps it is \boxed{7}. No.</think>\boxed{5}", OPENED, "correct", 0),
    (r"Perhaps it is \boxed{5}. No.</think>\boxed{7}", OPENED, "incorrect", 0),
    (r"Perhaps it is \boxed{5}. Wait, let me check", Reasoning(prefilled=True), "unclosed", 0),
    (r"Perhaps it is \boxed{5}. Wait, let me check", Reasoning(), "correct", 0),
    (r"[THINK]Maybe \boxed{7}. No.[/THINK]The answer is 5.", Reasoning(), "correct", 1),
    (r"[THINK]Maybe \boxed{5}. No.[/THINK]The answer is 7.", Reasoning(), "incorrect", 1),
    (r"[THINK]Maybe \boxed{5}. Wait", Reasoning(), "unclosed", 1),
    (r"[THINK]Maybe \boxed{5}. Wait", Reasoning(start="<think>", end="</think>"), "correct", 0),
    (r"[THINK]Maybe \boxed{7}.</think>\boxed{5}", OPENED, "correct", 0),
    (r"</think>The [THINK] tag is not needed: \boxed{5}", OPENED, "correct", 0),
]


@pytest.mark.parametrize(("text", "reasoning", "verdict", "foreign"), REASONED)
def test_reasoning(text: str, reasoning: Reasoning, verdict: str, foreign: int, tmp_path: Path) -> None:
    paths = write(tmp_path, ["5"], [replace(ROW, text=text)])
    grade(*paths, MATH, reasoning, workers=1)
    assert [row.verdict for row in read_rows(paths[2], Grade)] == [verdict]
    assert read_notes(paths[2]) == {"foreign_reasoning": str(foreign)}
    metrics = aggregate(*paths, data_source="d", model="m", grader="g", rounds=9)
    assert metrics["validity"]["foreign_reasoning"] == foreign
    assert "foreign_reasoning" not in metrics


def test_no_template_opens_reasoning_where_a_text_is_continued() -> None:
    row = replace(ROW, messages=CONTINUED)
    assert answer_of(row, OPENED) == (None, "5")
    assert answer_of(row, Reasoning(prefilled=True)) == ("unclosed", None)


def test_a_text_that_came_as_reasoning_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A server whose parser takes a text without marks for reasoning; it must not be lost without a word."""
    paths = write(tmp_path, ["5"], [replace(ROW, text=None, reasoning=r"So \boxed{5}")])
    with caplog.at_level(logging.WARNING):
        grade(*paths, MATH, Reasoning(), workers=1)
    (row,) = read_rows(paths[2], Grade)
    assert (row.verdict, row.detail) == ("empty", ALL_REASONING)
    assert ALL_REASONING in caplog.text


@pytest.mark.parametrize(
    ("verdict", "reward"),
    [
        ("correct", 1.0),
        ("incorrect", 0.0),
        ("filtered", 0.0),
        ("empty", 0.0),
        ("infrastructure_failed", None),
    ],
)
def test_what_a_verdict_is_worth(verdict: Verdict, reward: float | None) -> None:
    assert reward_of(verdict) == reward
