"""Judges of single answers beside other graders and people."""

from __future__ import annotations

from pathlib import Path

import pytest

from snakeval.judging.calibration import Graded, calibration, read_grades
from snakeval.report.judge_tables import judge_tables
from snakeval.system.tables import write_rows
from snakeval.types import Grade

JUDGED = Graded({("p", "m", 0): 1.0, ("p", "m", 1): 0.0, ("q", "m", 0): None, ("q", "m", 1): 1.0})
MATH = Graded({("p", "m", 0): 1.0, ("p", "m", 1): 1.0, ("q", "m", 0): 1.0, ("q", "m", 1): 0.0})


def test_errors_of_both_kinds_and_nulls() -> None:
    found = calibration(JUDGED, {"math": MATH}, None, benchmark="b", grader="j")
    assert (found["answers"], found["null"], found["human"]) == (4, 1, None)
    math = found["against"]["math"]
    assert (math["answers"], math["wrongly_right"], math["wrongly_wrong"]) == (3, 1, 1)


def test_people(tmp_path: Path) -> None:
    people = tmp_path / "people.jsonl"
    people.write_text('{"problem_id": "p", "model": "m", "sample_index": 1, "points": 0.25}\n')
    found = calibration(JUDGED, {}, people, benchmark="b", grader="j")
    assert found["human"]["answers"] == 1
    assert found["human"]["mae"] == 0.25
    (shown,) = judge_tables([], [found])
    assert shown.rows[0][:5] == ["b", "j", "1 of 4", "people", "1"]


def test_accuracy_without_the_judges_errors(tmp_path: Path) -> None:
    """Of 20 answers people saw 10 right, 9 of which the judge calls right, and 10 wrong, 8 called wrong."""
    people = tmp_path / "people.jsonl"
    seen = [(f"p{i}", float(i < 10), float(i < 9 or i in (10, 11))) for i in range(20)]
    people.write_text(
        "".join(f'{{"problem_id": "{name}", "model": "m", "points": {truth}}}\n' for name, truth, _ in seen)
    )
    rewards = {(name, "m", 0): reward for name, _, reward in seen}
    others = {(f"p{i}", "other", 0): float(i < 13) for i in range(20)}
    judged = Graded({**rewards, **others, ("p1", "silent", 0): None})
    found = calibration(judged, {}, people, benchmark="b", grader="j")["corrected"]
    assert found.keys() == {"m", "other"}
    assert (found["m"]["sensitivity"], found["m"]["specificity"]) == (0.9, 0.8)
    assert found["m"]["judged"] == 0.55
    # (p + q0 - 1) / (q0 + q1 - 1)
    assert found["m"]["accuracy"] == pytest.approx(0.35 / 0.7)
    assert found["other"]["accuracy"] == pytest.approx((0.65 - 0.2) / 0.7)
    lower, upper = found["other"]["ci95"]
    assert lower < found["other"]["accuracy"] < upper
    tables = judge_tables([], [calibration(judged, {}, people, benchmark="b", grader="j")])
    assert [table.title for table in tables][-1] == "Accuracy without the judges' errors"
    assert tables[-1].rows[0][:4] == ["b", "j", "m", "55.0"]
    assert all(len(row) == len(tables[-1].header) for row in tables[-1].rows)


def test_a_judge_beside_nobody_still_has_its_nulls() -> None:
    (shown,) = judge_tables([], [calibration(JUDGED, {}, None, benchmark="b", grader="j")])
    assert shown.rows[0][2] == "1 of 4"
    assert len(shown.rows[0]) == len(shown.header)
    assert judge_tables([], []) == []


def test_grades_are_known_by_their_models_folder(tmp_path: Path) -> None:
    folder = tmp_path / "m"
    folder.mkdir()
    write_rows(folder / "j.parquet", Grade, [Grade("p", 0, "d", None, None, "judge_null")])
    found = read_grades([folder / "j.parquet"])
    assert found.rewards == {("p", "m", 0): None}
    assert found.null == 1
