"""Figures by category: those of each part are what a run of that part alone has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from snakeval.report.group_tables import group_tables, unanswered
from snakeval.report.summary import Display
from snakeval.scoring.aggregate import aggregate
from snakeval.scoring.samples import SamplesError
from snakeval.system.tables import write_rows
from snakeval.types import Generation, Grade, Json, Message, Problem

MESSAGES: tuple[Message, ...] = ({"role": "user", "content": "q"},)
Case = tuple[str, dict[str, object], list[float]]
CASES: list[Case] = [
    ("b", {"topic": "law", "level": 2}, [1, 0]),
    ("a", {"topic": "art", "level": 1}, [1, 1]),
    ("d", {"topic": "law", "level": 1}, [0, 0]),
    ("c", {"topic": None, "level": 10}, [0, 1]),
    ("e", {"topic": "art", "level": [1, 2, 2]}, [0, 0]),
]


def run(folder: Path, cases: list[Case], by: list[str]) -> Json:
    """Metrics of the cases: each problem's name, its columns, its rewards."""
    folder.mkdir(exist_ok=True)
    problems, asked, graded = [], [], []
    for name, columns, rewards in cases:
        problems.append(Problem(name, MESSAGES, "1", json.dumps(columns)))
        for i, reward in enumerate(rewards):
            asked.append(Generation(name, i, f"{name}{i}", MESSAGES, 0, "text", None, "stop", 5, 9, 1.5))
            graded.append(
                Grade(name, i, f"{name}{i}", reward, str(reward), "correct" if reward else "incorrect")
            )
    paths = [folder / f"{name}.parquet" for name in ("problems", "generations", "grades")]
    write_rows(paths[0], Problem, problems)
    write_rows(paths[1], Generation, asked)
    write_rows(paths[2], Grade, graded)
    return aggregate(*paths, data_source="d", model="m", grader="g", rounds=200, seed=1, by=by)


def test_a_part_has_the_figures_that_it_has_alone(tmp_path: Path) -> None:
    by = run(tmp_path, CASES, ["topic", "level"])["by"]
    assert {name: list(groups) for name, groups in by.items()} == {
        "topic": ["(none)", "art", "law"],
        "level": ["1", "2", "10"],
    }
    for column, value, members in [
        ("topic", "law", "bd"),
        ("topic", "art", "ae"),
        ("topic", "(none)", "c"),
        ("level", "1", "ade"),
        ("level", "2", "be"),
        ("level", "10", "c"),
    ]:
        alone = run(tmp_path / "alone", [case for case in CASES if case[0] in members], [])
        part = by[column][value]
        assert part == {key: alone[key] for key in part}, (column, value)
        assert (part["num_problems"], part["num_samples"]) == (len(members), 2 * len(members))
    assert by["topic"]["law"]["mean_reward"] == 0.25
    assert by["topic"]["law"]["pass_at_k"] == {"1": 0.25, "2": 0.5}


def test_metrics_without_columns_have_no_parts(tmp_path: Path) -> None:
    assert "by" not in run(tmp_path, CASES, [])


def test_a_column_that_is_not_there_and_one_of_too_many_values(tmp_path: Path) -> None:
    with pytest.raises(SamplesError, match="no column 'topics'; columns: level, topic"):
        run(tmp_path, CASES, ["topics"])
    many: list[Case] = [(f"p{i}", {"id": i}, [1]) for i in range(101)]
    with pytest.raises(SamplesError, match="has 101 values; 100 are the most"):
        run(tmp_path, many, ["id"])


def test_tables(tmp_path: Path) -> None:
    metrics = [{**run(tmp_path, CASES, ["topic"]), "model": model} for model in ("one", "two")]
    display = Display({"models": {"two": "Two"}, "benchmarks": {"d": "Data"}, "arenas": {}}, {})
    (shown,) = group_tables(metrics, display)
    assert shown.title == "Data by topic"
    assert [row[:2] for row in shown.rows][:4] == [
        ["(none)", "one"],
        ["(none)", "Two"],
        ["art", "one"],
        ["art", "Two"],
    ]
    assert shown.rows[4][2:6] == ["g", "2", "25.00", "25.00"]
    assert all(len(row) == len(shown.header) for row in shown.rows)
    assert group_tables([run(tmp_path, CASES, [])], display) == []
    (shown,) = unanswered([["two", "d"], ["one", "e"]], display)
    assert shown.rows == [["Two", "Data", "not answered"], ["one", "e", "not answered"]]
    assert unanswered([], display) == []
