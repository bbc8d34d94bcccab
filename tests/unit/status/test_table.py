"""The table of cells: marks, columns, narrow terminals, and the same as JSON."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import pytest

from snakeval.status.cells import Cell, Part
from snakeval.status.slurm import SlurmJob
from snakeval.status.table import Look, seconds, to_json, to_text

CELL = Cell(
    "vllm-qwen-qwen3-8b",
    "math_500",
    "running",
    Part(120, 2000),
    True,
    3,
    1,
    1234.4,
    754.0,
    Part(0, 4000),
    None,
    None,
    SlurmJob("4711", "RUNNING", "h100-02"),
    "answering",
    "",
)
DONE = replace(
    CELL,
    state="complete",
    samples=Part(2000, 2000),
    truncated=None,
    errors=0,
    rate=None,
    left=None,
    job=None,
    server="",
    graded=Part(4000, 4000),
)
# Changes to the cell, and what its line holds then.
SHOWN: list[tuple[dict[str, Any], str]] = [
    ({}, "▶  vllm-qwen-qwen3-8b"),
    ({}, "120/2,000"),
    ({}, "1,234"),
    ({}, "13 min"),
    ({}, "4711 running on h100-02"),
    ({"samples": Part(5, None)}, " 5/?"),
    ({"samples": Part(None, None)}, "?/?"),
    ({"exact": False}, "~120/2,000"),
    ({"job": SlurmJob("7", "PENDING", "", "Priority")}, "7 pending (Priority)"),
    ({"state": "failed"}, "✗"),
    ({"state": "waiting"}, "·"),
    ({"state": "complete"}, "✓"),
    ({"state": "stopped"}, "‖"),
    ({"questions": Part(3, 24), "games": Part(6, 48)}, "3/24   6/48"),
    ({"remark": "its settings have changed since it was made"}, "its settings have changed"),
]


@pytest.mark.parametrize(("changes", "expected"), SHOWN)
def test_what_a_line_holds(changes: dict[str, Any], expected: str) -> None:
    text = to_text([replace(CELL, **changes)], "head", Look())
    assert expected in text
    assert text.startswith("head\n")


def test_columns_that_are_empty_for_all_are_left_out() -> None:
    header = to_text([DONE, DONE], "head", Look()).splitlines()[1].split()
    assert header == ["model", "benchmark", "samples", "graded"]


def test_the_sums() -> None:
    cells = [DONE, DONE, CELL]
    assert to_text(cells, "head", Look()).splitlines()[-1] == (
        "2 complete, 1 running  (✓ complete, ▶ running)"
    )
    assert to_text([], "head", Look()) == "head\nnothing is asked  ()\n"


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 200])
def test_a_narrow_terminal_keeps_names_and_samples(width: int) -> None:
    lines = to_text([CELL, DONE], "head", Look(width)).splitlines()[1:-1]
    assert max(map(len, lines)) <= max(width, 48)
    assert all(name in lines[0] for name in ("model", "benchmark", "samples"))
    assert ("tokens/s" in lines[0]) == (width >= 80)


def test_colours_are_of_marks_alone() -> None:
    plain, coloured = (to_text([CELL], "head", Look(colour=colour)) for colour in (False, True))
    assert "\033" not in plain
    assert coloured.replace("\033[36m", "").replace("\033[0m", "") == plain


def test_marks_where_the_terminal_has_no_unicode() -> None:
    assert to_text([CELL, DONE], "head", Look(plain=True)).isascii()


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        raise OSError("no terminal after all")


# The environment, and whether marks have colours.
DULL = [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)]


@pytest.mark.parametrize(("environment", "colour"), DULL)
def test_who_wants_no_colour(
    environment: dict[str, str], colour: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    monkeypatch.setattr("sys.stdout", Terminal())
    assert Look.of_terminal() == Look(None, colour, False)


def test_json_has_all_that_is_known() -> None:
    found = json.loads(to_json([CELL], "head"))
    assert found["run"] == "head"
    (cell,) = found["cells"]
    assert cell["samples"] == {"done": 120, "wanted": 2000}
    assert (cell["state"], cell["job"]["node"], cell["questions"]) == ("running", "h100-02", None)


TIMES = [
    (0, "0 s"),
    (40.4, "40 s"),
    (99, "99 s"),
    (100, "2 min"),
    (754, "13 min"),
    (5999, "100 min"),
    (6000, "1.7 h"),
    (47 * 3600, "47.0 h"),
    (48 * 3600, "2.0 d"),
]


@pytest.mark.parametrize(("value", "expected"), TIMES)
def test_times(value: float, expected: str) -> None:
    assert seconds(value) == expected
