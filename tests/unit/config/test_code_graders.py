"""Mistakes in graders of type code: file, key, and what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from unit.config.example_project import Mistake, check_mistake, edit, load, write_project

SUMS = "config/benchmarks/sums.yaml"
FIRST, CODE = "graders[0]", "type: code\n    code: {format: mbpp}"
MISTAKES: dict[str, Mistake] = {
    "no code": (SUMS, "type: math", "type: code", SUMS, FIRST, ["'code' says what the tests are"]),
    "code of another type": (
        SUMS,
        "type: math",
        "type: math\n    code: {format: mbpp}",
        SUMS,
        FIRST,
        ["'type: code', which needs it"],
    ),
    "no format": (
        SUMS,
        "type: math",
        "type: code\n    code: {suite: plus}",
        SUMS,
        f"{FIRST}.code.format",
        [],
    ),
    "unknown format": (
        SUMS,
        "type: math",
        CODE.replace("mbpp", "mbbp"),
        SUMS,
        f"{FIRST}.code.format",
        ["'mbpp'"],
    ),
    "language": (
        SUMS,
        "type: math",
        CODE.replace("mbpp", "mbpp, language: cpp"),
        SUMS,
        f"{FIRST}.code",
        ["'language: cpp' goes with 'format: stdio' alone"],
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake(name: str, tmp_path: Path) -> None:
    check_mistake(write_project(tmp_path), MISTAKES[name])


def test_a_code_grader(tmp_path: Path) -> None:
    root = write_project(tmp_path)
    edit(root, SUMS, "type: math", CODE)
    (grader, _) = load(root).benchmarks["sums"].graders
    assert grader.name == "code"
    assert grader.code is not None
    assert (grader.code.suite, grader.code.unsafe) == ("base", False)
