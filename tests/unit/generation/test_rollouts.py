"""Answers made elsewhere, in each of their layouts, graded without a server."""

from __future__ import annotations

import csv
import json
import logging
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from snakeval.generation.recorded import MISSING, import_answers
from snakeval.generation.rollouts import RolloutError
from snakeval.grading.grade import grade
from snakeval.problems.prepare import prepare
from snakeval.schema import Benchmark, Grader, Reasoning, Source
from snakeval.scoring.aggregate import aggregate
from snakeval.scoring.samples import write_export
from snakeval.system.tables import read_rows
from snakeval.types import Generation

PROBLEMS = [
    {"id": "a", "question": "1 + 1?", "answer": "2"},
    {"id": "b", "question": "2 + 2?", "answer": "4"},
]


FILES = ("problems", "generations", "grades")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "rows.json").write_text(json.dumps(PROBLEMS))
    (tmp_path / "solve.jinja").write_text("Solve: {{ problem }}")
    benchmark = Benchmark.model_validate(
        {
            "source": {"file": "rows.json"},
            "fields": {"problem_id": "id", "problem": "question"},
            "prompt": "solve.jinja",
        }
    )
    prepare("sums", benchmark, tmp_path, tmp_path / "problems.parquet")
    return tmp_path


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif path.suffix == ".csv":
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def imported(root: Path, rows: list[dict[str, Any]], name: str = "made.jsonl") -> list[Generation]:
    file = write(root / name, rows).name
    output = root / "generations.parquet"
    import_answers(Source(file=file), root, root / "problems.parquet", output, "sums")
    return list(read_rows(output, Generation))


A = r"So \boxed{2}."
SINGLE = [
    {"problem_id": "a", "response": A},
    {"problem_id": "b", "response": "4"},
    {"problem_id": "b", "response": "5"},
    {"problem_id": "a", "response": "3"},
]
WANTED = [("a", 0, A), ("a", 1, "3"), ("b", 0, "4"), ("b", 1, "5")]


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "parquet"])
def test_one_row_a_sample(suffix: str, root: Path) -> None:
    rows = imported(root, SINGLE, f"made.{suffix}")
    assert [(row.problem_id, row.sample_index, row.text) for row in rows] == WANTED
    assert len({row.digest for row in rows}) == 4
    assert rows[0].messages == ({"role": "user", "content": "Solve: 1 + 1?"},)


LAYOUTS: dict[str, list[dict[str, Any]]] = {
    "lists by the problem's text": [
        {"problem": "1 + 1?", "responses": [A, "3"]},
        {"problem": "2 + 2?", "responses": ["4", "5"]},
    ],
    "lists by the prompt": [
        {"prompt": "Solve: 2 + 2?", "outputs": ["4", "5"]},
        {"prompt": "Solve: 1 + 1?", "outputs": [A, "3"]},
    ],
    "sample indices": [
        {"id": "b", "sample_index": 1, "text": "5"},
        {"id": "b", "sample_index": 0, "text": "4"},
        {"id": "a", "sample_index": 1, "text": "3"},
        {"id": "a", "sample_index": 0, "text": A},
    ],
    "human-eval": [
        {"task_id": "a", "completion": A},
        {"task_id": "b", "completion": "4"},
        {"task_id": "b", "completion": "5", "result": "failed", "passed": False},
        {"task_id": "a", "completion": "3"},
    ],
    "EvalPlus": [
        {"task_id": "a", "solution": A, "_identifier": "a_0"},
        {"task_id": "a", "solution": "3", "_identifier": "a_1"},
        {"task_id": "b", "solution": "4", "_identifier": "b_0"},
        {"task_id": "b", "solution": "5", "_identifier": "b_1"},
    ],
    "Reflexion": [
        {"name": "x_1", "prompt": "2 + 2?", "solution": "4", "is_solved": True, "implementations": ["9"]},
        {"name": "x_0", "prompt": "1 + 1?", "solution": A, "is_solved": True, "implementations": []},
        {"name": "x_0", "prompt": "1 + 1?", "solution": "3", "is_solved": False, "implementations": []},
        {"name": "x_1", "prompt": "2 + 2?", "solution": "5", "is_solved": False, "implementations": []},
    ],
    "LiveCodeBench": [
        {"question_id": "b", "output_list": ["4", "5"], "code_list": ["", ""], "graded_list": [True, False]},
        {"question_id": "a", "code_list": [A, "3"], "graded_list": [True, False]},
    ],
    # What is no answer does not become one: a golden solution beside the response, an id of another kind.
    "golden solutions beside answers": [
        {"id": "a", "solution": "gold", "response": A},
        {"id": "a", "solution": "gold", "response": "3"},
        {"id": "b", "solution": "gold", "output": "4"},
        {"id": "b", "solution": "gold", "text": "5"},
    ],
    "task ids of somebody else's beside the problem's text": [
        {"task_id": "x/0", "problem": "1 + 1?", "response": A},
        {"task_id": "x/0", "problem": "1 + 1?", "response": "3"},
        {"task_id": "x/1", "problem": "2 + 2?", "response": "4"},
        {"task_id": "x/1", "problem": "2 + 2?", "response": "5"},
    ],
    "several data sources": [
        {"data_source": "other", "problem": "1 + 1?", "responses": ["7"]},
        {"data_source": "sums", "problem": "1 + 1?", "responses": [A, "3"]},
        {"data_source": "sums", "problem": "2 + 2?", "responses": ["4", "5"]},
    ],
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts(name: str, root: Path) -> None:
    rows = imported(root, LAYOUTS[name])
    assert [(row.problem_id, row.sample_index, row.text) for row in rows] == WANTED


def test_what_a_row_says_of_a_sample_is_kept(root: Path) -> None:
    more = {"reasoning": "1 and 1", "finish_reason": "length", "completion_tokens": 7}
    row, _ = imported(root, [{"problem_id": "a", "text": "2", **more}, {"problem_id": "b", "text": "4"}])
    assert (row.reasoning, row.finish_reason, row.completion_tokens, row.error) == (
        "1 and 1",
        "length",
        7,
        None,
    )


def test_missing_answers_are_rows_with_an_error_and_named(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        rows = imported(
            root, [{"problem_id": "a", "responses": ["2", "3"]}, {"problem": "9?", "responses": ["1"]}]
        )
    assert [(row.problem_id, row.text, row.error) for row in rows] == [
        ("a", "2", None),
        ("a", "3", None),
        ("b", None, MISSING),
        ("b", None, MISSING),
    ]
    assert "answers missing, of 2 a problem, to 1 problems: 'b' (2)" in caplog.text
    assert "1 rows of other problems are left out: '9?'" in caplog.text


def test_another_golden_answer_is_named(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        imported(root, [{"problem_id": "a", "ground_truth": "3", "responses": ["2"]}])
    assert "1 problems have another golden answer in the file: 'a'" in caplog.text


def test_half_of_a_surrogate_pair_in_a_recorded_answer_is_replaced_and_counted(root: Path) -> None:
    imported(root, [{"problem_id": "a", "text": "1 \ud83d"}, {"problem_id": "b", "text": "2"}])
    rows = list(read_rows(root / "generations.parquet", Generation))
    assert [(row.text, row.replaced) for row in rows] == [("1 \ufffd", 1), ("2", None)]


FAULTS = [
    ([{"problem_id": "c", "text": "1"}], "no row is of one of the 2 problems; the first are 'c'"),
    ([{"text": "1"}], "row 0 (counted from 0) names no problem: it has text, but none of problem_id"),
    ([{"problem_id": "a", "said": "1"}], "row 0 (counted from 0) has no answer: it has problem_id, said"),
    ([{"problem_id": "a", "text": 1}], "row 0 (counted from 0): an answer is no text but int"),
    (
        [{"problem_id": "a", "sample_index": 0, "text": "1"}] * 2,
        "sample 0 of problem 'a' is there twice, again in row 1",
    ),
    (
        [{"data_source": name, "problem": "1 + 1?", "responses": ["1"]} for name in ("x", "y")],
        "no data_source is 'sums'; there are 'x', 'y'",
    ),
]


@pytest.mark.parametrize(("rows", "words"), FAULTS)
def test_faults(rows: list[dict[str, Any]], words: str, root: Path) -> None:
    with pytest.raises(RolloutError) as raised:
        imported(root, rows)
    assert words in str(raised.value)
    assert not (root / "generations.parquet").exists()


def test_the_projects_own_export_comes_back_with_the_same_scores(root: Path) -> None:
    rows = [*SINGLE, {"problem_id": "a", "response": "2"}]  # the third answer to b is missing
    metrics = [figures(root, rows)]
    problems, generations, grades = (root / f"{name}.parquet" for name in FILES)
    write_export(problems, generations, grades, root / "made.parquet", "sums")
    exported = pq.read_table(root / "made.parquet").to_pylist()
    assert [len(row["responses"]) for row in exported] == [3, 3]
    metrics.append(figures(root, exported))
    for key in ("mean_reward", "pass_at_k", "num_samples", "n_samples"):
        assert metrics[0][key] == metrics[1][key]
    assert metrics[0]["n_samples"] == 3
    assert metrics[0]["mean_reward"] == pytest.approx((2 / 3 + 1 / 3) / 2)
    assert metrics[0]["validity"]["infrastructure_failed"] == 1


def figures(root: Path, rows: list[dict[str, Any]]) -> Any:
    imported(root, rows)
    problems, generations, grades = (root / f"{name}.parquet" for name in FILES)
    grade(problems, generations, grades, Grader(type="math"), Reasoning(), workers=1)
    files = (problems, generations, grades)
    return aggregate(*files, data_source="sums", model="m", grader="math", rounds=9)
