"""Counts, bounds and thresholds."""

from __future__ import annotations

import numpy as np
import pytest

from snakeval.schema import Thresholds
from snakeval.scoring.validity import CAUSES, NOTED, ValidityError, bounds, check, counts, exceeded, notes
from snakeval.types import VERDICTS


def flags(*values: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.array(values, dtype=bool)


def test_each_cause_is_counted() -> None:
    verdicts = [
        "correct",
        "incorrect",
        "empty",
        "unclosed",
        "unextracted",
        "unextracted",
        "timed_out",
        "judge_null",
    ]
    found = counts(verdicts, flags(0, 0, 0, 1, 1, 0, 0, 0), flags(0, 0, 0, 0, 0, 0, 0, 0), requested=8)
    assert found == {
        "requested": 8,
        "generated": 8,
        "truncated": 2,
        "filtered": 0,
        "empty": 1,
        "unclosed": 1,
        "unextracted": 2,
        "timed_out": 1,
        "judge_null": 1,
        "infrastructure_failed": 0,
    }


def test_a_lost_sample_counts_once_however_it_is_known() -> None:
    verdicts = ["infrastructure_failed", "infrastructure_failed", "correct"]
    found = counts(verdicts, flags(0, 0, 0), flags(1, 0, 0), requested=3)
    assert found["infrastructure_failed"] == 2
    assert found["generated"] == 2


def test_a_refused_prompt_counts_as_filtered_alone() -> None:
    verdicts = ["filtered", "filtered", "infrastructure_failed", "correct"]
    found = counts(verdicts, flags(0, 0, 0, 0), flags(1, 0, 1, 0), requested=4)
    assert (found["filtered"], found["infrastructure_failed"], found["generated"]) == (2, 1, 2)


# Names of those who answered, which are not who was asked, replaced texts; what is noted.
NOTES = [
    (["m", "m", "m"], (0, 0, 0), (0, 0, 0), (0, 0, 0)),
    (["m", None, "m"], (0, 0, 0), (0, 1, 0), (0, 0, 1)),
    (["m", "n", "m"], (0, 1, 0), (0, 0, 0), (1, 1, 0)),
    (["n", "n", "n"], (1, 1, 1), (0, 0, 0), (3, 0, 0)),
    (["m-1", "m-2", "m-2"], (0, 0, 0), (0, 0, 0), (0, 1, 0)),
    ([None, None, None], (0, 0, 0), (1, 1, 1), (0, 0, 3)),
]


@pytest.mark.parametrize(("models", "other", "spoilt", "expected"), NOTES)
def test_what_is_noted_of_samples(
    models: list[str | None], other: tuple[int, ...], spoilt: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    found = notes(models, flags(*other), flags(*spoilt))
    assert tuple(found[key] for key in NOTED) == expected
    assert not set(NOTED) & set(CAUSES)


def test_the_causes_are_those_of_grades_and_thresholds() -> None:
    assert set(CAUSES) == {"truncated", *VERDICTS} - {"correct", "incorrect"}
    assert set(CAUSES) == set(Thresholds.model_fields)


def test_bounds_move_truncated_samples_only() -> None:
    wrong, right = bounds(np.array([1.0, 0.0, 0.5, 1.0]), flags(1, 1, 0, 0))
    assert wrong.tolist() == [0, 0, 0.5, 1]
    assert right.tolist() == [1, 1, 0.5, 1]


@pytest.mark.parametrize(
    ("truncated", "limit", "expected"),
    [(10, 0.1, []), (11, 0.1, ["truncated"]), (100, None, []), (1, 0.0, ["truncated"]), (0, 0.0, [])],
)
def test_a_threshold_is_the_largest_share_allowed(
    truncated: int, limit: float | None, expected: list[str]
) -> None:
    assert exceeded({"requested": 100, "truncated": truncated}, {"truncated": limit}) == expected


def test_too_much_is_an_error_that_names_counts_and_keys() -> None:
    validity = {"requested": 200, "truncated": 0, "judge_null": 9, "timed_out": 1, "infrastructure_failed": 3}
    with pytest.raises(ValidityError) as caught:
        check(validity, Thresholds().model_dump(), "aime, model a, grader math", lambda: "500 (3 of 3)")
    message = str(caught.value)
    assert message.endswith("The commonest error: 500 (3 of 3)")
    assert message.startswith("aime, model a, grader math: ")
    assert "judge_null: 9 of 200 (4.50%), thresholds.judge_null allows 2.00%" in message
    assert "infrastructure_failed: 3 of 200 (1.50%), thresholds.infrastructure_failed allows 0.00%" in message
    assert "thresholds.timed_out" not in message
    assert "timed_out 1" in message


def test_within_the_thresholds_nothing_is_raised() -> None:
    check({"requested": 200, "truncated": 100, "judge_null": 4}, Thresholds().model_dump())
    with pytest.raises(ValidityError, match=r"truncated: 101 of 200 \(50.50%\), thresholds.truncated allows"):
        check({"requested": 200, "truncated": 101}, Thresholds().model_dump())
