"""Points: read, asked for again, counted, and compared with a human's."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import yaml

from snakeval.config.jsonschema import CONFIG
from snakeval.grading.graders import Answer
from snakeval.grading.graders.points import UnreadablePoints, outcomes, points_in
from snakeval.schema import Points
from snakeval.scoring.points import found_by, point_figures
from snakeval.system.tables import write_rows
from snakeval.types import Grade, Problem

OUT_OF_7 = Points.model_validate(yaml.safe_load((CONFIG / "judges/imo-proof.yaml").read_text())["points"])

# (a judge's text, its points)
TEXTS = [
    ("Sound. <points>7 out of 7</points>", 7),
    ("<points>0 out of 7</points>", 0),
    ("<points> 6 </points>", 6),
    ("<points>1/7</points>", 1),
    ("<points>6 out of 7</points> As said, <points>6 out of 7</points>", 6),
    ("<points>6 out of 7</points> or rather <points>1 out of 7</points>", None),
    ("<points>8 out of 7</points>", None),
    ("<points>seven</points>", None),
    ("<points>N out of 7</points>", None),
    ("7 points", None),
    ("<points>-1 out of 7</points>", None),
    ("", None),
    ("<Points>6 out of 7 points</Points>", 6),
    ("<points>**6** out of 7</points>", 6),
    ("<points>6 points</points>", 6),
    ("<points>6 points out of 7</points>", 6),
    ("<POINTS> 7 / 7 </POINTS>", 7),
    ("<points>\n6 of 7.\n</points>", 6),
    ("<points>6 (out of 7)</points>", 6),
    ("<points>(6)</points>", 6),
    ("<points>[6]</points>", 6),
    ("<points>$6$</points>", 6),
    (r"<points>\boxed{6}</points>", 6),
    ("<points>6pts</points>", 6),
    ("<points>6 pts.</points>", 6),
    ("<points>Score: 6</points>", 6),
    ("<points>6 out of a possible 7</points>", 6),
    ("<points >6</points >", 6),
    ("<points>not 6</points>", None),
    ("<points>6 or 7</points>", None),
    ("<points>6 out of a possible 10</points>", None),
    ("<points>6 out of 10</points>", None),
    ("<points>6.5</points>", None),
    ("<points>6-7</points>", None),
    ("<points>67</points>", None),
    ("<points>6 7</points>", None),
    ("<points>6 out of 7</points> <Points>1 out of 7 points</Points>", None),
    ("<points>6" + " " * 100_000, None),
]


@pytest.mark.parametrize(("text", "points"), TEXTS)
def test_points_in(text: str, points: float | None) -> None:
    assert points_in(text, OUT_OF_7) == points


def test_gradingbench_reads_points_as_the_judge_does() -> None:
    (grader,) = yaml.safe_load((CONFIG / "benchmarks/imo_gradingbench.yaml").read_text())["graders"]
    assert Points.model_validate(grader["points"]) == OUT_OF_7


def test_points_against_a_humans() -> None:
    answers = [
        Answer("a", "7", "<points>7 out of 7</points>"),
        Answer("b", "6", "<points>7 out of 7</points>"),
        Answer("c", "1", "no idea"),
    ]
    found = [(one.verdict, one.extracted, one.points) for one in outcomes(answers, OUT_OF_7)]
    assert found == [("correct", "7", 7), ("incorrect", "7", 7), ("unextracted", None, None)]
    with pytest.raises(UnreadablePoints, match="problem 'd': its points are 'Correct'"):
        list(outcomes([Answer("d", "Correct", "<points>7</points>")], OUT_OF_7))


def write(folder: Path, given: list[str], points: list[float | None], how: str | None = None) -> list[Path]:
    problems, grades = folder / "problems.parquet", folder / "grades.parquet"
    asked = [Problem(f"p{i}", ({"role": "user", "content": "?"},), text) for i, text in enumerate(given)]
    write_rows(problems, Problem, asked)
    rows = [
        Grade(f"p{i}", 0, "d", 0.0, None, "incorrect", how=how, points=value)
        for i, value in enumerate(points)
    ]
    write_rows(grades, Grade, rows)
    return [problems, grades]


def test_calibration(tmp_path: Path) -> None:
    paths = write(tmp_path, ["7", "6", "0", "1", "7"], [7, 7, 0, 0, None])
    figures = point_figures(*paths)
    assert figures is not None
    assert (figures["n"], figures["mean"], figures["counts"]) == (4, 3.5, {"0": 2, "7": 2})
    found = figures["calibration"]
    assert (found["accuracy"], found["mae"]) == (0.5, 0.5)
    # By hand: covariance 10.5, variances 12.25 and 9.25.
    assert found["pearson"] == pytest.approx(10.5 / math.sqrt(12.25 * 9.25))


def test_no_correlation_where_nothing_varies(tmp_path: Path) -> None:
    figures = point_figures(*write(tmp_path, ["7", "0"], [7, 7]))
    assert figures is not None
    assert figures["calibration"] == {"accuracy": 0.5, "mae": 3.5, "pearson": None}


def test_points_of_proofs_are_not_calibrated(tmp_path: Path) -> None:
    figures = point_figures(*write(tmp_path, ["A proof.", "7"], [6, 1]))
    assert figures == {"n": 2, "mean": 3.5, "counts": {"1": 1, "6": 1}}


def test_no_points_no_figures(tmp_path: Path) -> None:
    problems, grades = write(tmp_path, ["7"], [None], how="boxed")
    assert point_figures(problems, grades) is None
    assert found_by(grades) == {"boxed": 1}
