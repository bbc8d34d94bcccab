"""Accuracy over the parts of answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from snakeval.scoring.parts import part_figures
from snakeval.system.tables import write_rows
from snakeval.types import Grade


def figures(folder: Path, *samples: tuple[str, tuple[float, ...] | None]) -> dict[str, object] | None:
    rows = [
        Grade(name, i, f"{i:032x}", None, None, "incorrect", parts=parts)
        for i, (name, parts) in enumerate(samples)
    ]
    write_rows(folder / "grades.parquet", Grade, rows)
    return part_figures(folder / "grades.parquet", 200, 0)


def test_each_part_counts_once(tmp_path: Path) -> None:
    found = figures(tmp_path, ("a", (1.0, 0.0, 1.0)), ("b", (0.0,)))
    assert found is not None
    assert (found["num_parts"], found["mean_reward"]) == (4, 0.5)
    # Whole problems are drawn: only b gives 0, only a 2/3.
    assert found["ci95"] == pytest.approx([0.0, 2 / 3])


def test_an_answer_that_was_not_had_has_all_its_parts_wrong(tmp_path: Path) -> None:
    found = figures(tmp_path, ("a", (1.0, 1.0)), ("a", None), ("b", (1.0,)))
    assert found is not None
    assert (found["num_parts"], found["mean_reward"]) == (5, 0.6)


def test_whole_answers_have_no_parts(tmp_path: Path) -> None:
    assert figures(tmp_path, ("a", None), ("b", None)) is None
