"""The summary's rows, columns and formats."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from snakeval.arena.board import Board, Standing
from snakeval.report.summary import (
    AGGREGATE,
    Display,
    cells,
    combined,
    read_metrics,
    rows,
    to_csv,
    to_text,
)
from snakeval.scoring.validity import CAUSES
from snakeval.types import Json

PLAIN = Display({}, {})


def metrics_of(
    model: str = "m",
    data_set: str = "d",
    grader: str = "math",
    passes: Sequence[float] = (0.5, 0.75, 0.875, 1.0),
    mean: float | None = None,
    maj: Mapping[str, float] | None = None,
    invalid: Mapping[str, int] | None = None,
) -> Json:
    ks = [str(k) for k in range(1, len(passes) + 1)]
    return {
        "data_source": data_set,
        "model": model,
        "grader": grader,
        "num_problems": 10,
        "num_samples": 10 * len(passes),
        "n_samples": len(passes),
        "mean_reward": passes[0] if mean is None else mean,
        "pass_at_k": dict(zip(ks, passes, strict=True)),
        "maj_at_k": maj or {},
        "ci95": {
            "mean_reward": [0.25, 0.75],
            "pass_at_k": {k: [value - 0.25, value] for k, value in zip(ks, passes, strict=True)},
            "maj_at_k": {},
        },
        "validity": {
            "requested": 10 * len(passes),
            "generated": 10 * len(passes),
            **dict.fromkeys(CAUSES, 0),
            **(invalid or {}),
        },
    }


def board() -> Board:
    standings = (
        Standing(1, "m", 62.5, 50.0, 75.0, 10, 19, 1, 0, 321.4),
        Standing(2, "base", 50.0, 50.0, 50.0, 0, 0, 0, 0, None),
    )
    return Board("ar", "j", "base", 3, 100, 0, standings)


@pytest.mark.parametrize(
    ("top", "configured", "expected"),
    [
        (1, None, [1]),
        (2, None, [1, 2]),
        (10, None, [1, 2, 4, 8, 10]),
        (16, None, [1, 2, 4, 8, 16]),
        (10, (5, 10, 64), [1, 5, 10]),
        (10, (), [1, 2, 4, 8, 10]),
    ],
)
def test_the_k_to_show(top: int, configured: Sequence[int] | None, expected: list[int]) -> None:
    assert Display({}, {"d": configured}).ks("d", top) == expected


def test_labels_stand_for_keys_where_there_are_any() -> None:
    display = Display({"models": {"m": "Model M", "n": None}}, {})
    assert [display.label("models", key) for key in ("m", "n", "o")] == ["Model M", "n", "o"]
    assert display.label("arenas", "m") == "m"


def test_metrics_are_read_in_one_order(tmp_path: Path) -> None:
    names = [("step-9", "x"), ("step-10", "y"), ("step-10", "x")]
    paths = []
    for i, (model, data_set) in enumerate(names):
        paths.append(tmp_path / f"{i}.json")
        paths[-1].write_text(json.dumps(metrics_of(model, data_set)))
    found = [(entry["model"], entry["data_source"]) for entry in read_metrics(paths)]
    assert found == [("step-9", "x"), ("step-10", "x"), ("step-10", "y")]


def test_one_entry_a_model_and_grader_with_its_aggregate() -> None:
    metrics = [
        metrics_of("a", "x"),
        metrics_of("a", "y"),
        metrics_of("a", "x", "judge"),
        metrics_of("b", "x"),
    ]
    found = combined(metrics)
    assert [(entry["model"], entry["grader"], list(entry["data_sets"])) for entry in found] == [
        ("a", "math", ["x", "y", AGGREGATE]),
        ("a", "judge", ["x", AGGREGATE]),
        ("b", "math", ["x", AGGREGATE]),
    ]
    assert found[0]["data_sets"][AGGREGATE]["num_problems"] == 20
    assert set(found[0]["data_sets"]["x"]) >= {"num_problems", "num_samples", "mean_reward", "pass_at_k"}


def test_the_aggregate_is_shown_where_there_is_something_to_aggregate() -> None:
    metrics = [metrics_of("a", "x"), metrics_of("a", "y", passes=(0.5, 0.6)), metrics_of("b", "x")]
    table = rows(metrics, PLAIN)
    assert [(row.model, row.data_set, row.ks) for row in table] == [
        ("a", "x", (1, 2, 4)),
        ("a", "y", (1, 2)),
        ("a", AGGREGATE, (1, 2)),
        ("b", "x", (1, 2, 4)),
    ]
    assert table[2].pass_at_k[2] == pytest.approx((0.75 + 0.6) / 2)


@pytest.mark.parametrize(
    ("invalid", "expected"),
    [
        ({"other_model": 40}, "other_model 100.0%, answered by n (36) and m (4)"),
        ({"renamed": 4}, "renamed 10.0%, answered by n (36) and m (4)"),
        ({"filtered": 2, "replaced": 1}, "filtered 5.0%, replaced 2.5%"),
        ({}, ""),
    ],
)
def test_another_model_than_was_asked_is_named(invalid: dict[str, int], expected: str) -> None:
    metrics = [{**metrics_of(invalid=invalid), "answered_by": {"n": 36, "m": 4}}]
    assert rows(metrics, PLAIN)[0].flags == expected


def test_a_servers_name_commands_no_terminal() -> None:
    metrics = [{**metrics_of(invalid={"other_model": 40}), "answered_by": {"\x1b[31mn\x07\u202e \u00e9": 40}}]
    (row,) = rows(metrics, PLAIN)
    assert row.flags.endswith("answered by \ufffd[31mn\ufffd\ufffd \u00e9 (40)")


def test_csv_keeps_fractions_and_leaves_gaps_empty() -> None:
    metrics = [metrics_of("a", "x", maj={"4": 0.7}), metrics_of("a", "y", passes=(0.5,), maj={"1": 0.5})]
    found = list(csv.DictReader(io.StringIO(to_csv(rows(metrics, PLAIN)))))
    assert [row["data_set"] for row in found] == ["x", "y", AGGREGATE]
    assert (found[0]["pass@4"], found[0]["pass@4_lower"], found[0]["maj@n"]) == (
        "1.000000",
        "0.750000",
        "0.700000",
    )
    assert (found[1]["pass@4"], found[1]["maj@n"], found[2]["n_samples"]) == ("", "", "")
    assert found[0]["requested"] == "40"


def test_cells_are_percent_and_name_what_went_wrong() -> None:
    metrics = [metrics_of(maj={"4": 0.7}, invalid={"truncated": 3, "judge_null": 1})]
    header, lines = cells(rows(metrics, PLAIN), PLAIN)
    assert dict(zip(header, lines[0], strict=True)) == {
        "model": "m",
        "data set": "d",
        "grader": "math",
        "problems": "10",
        "pass@1": "50.00",
        "95% CI": "25.00 to 50.00",
        "pass@2": "75.00",
        "pass@4": "100.00",
        "maj@n": "70.00",
        "invalid": "truncated 7.5%, judge_null 2.5%",
    }


def test_the_mean_of_graded_rewards_is_shown_where_it_differs() -> None:
    header, lines = cells(rows([metrics_of(mean=0.6)], PLAIN), PLAIN)
    assert lines[0][header.index("mean reward")] == "60.00"
    assert "mean reward" not in cells(rows([metrics_of()], PLAIN), PLAIN)[0]


def test_text_for_a_terminal_and_for_markdown() -> None:
    display = Display({"models": {"m": "M | 1"}, "benchmarks": {"d": "Data"}, "arenas": {"ar": "Arena"}}, {})
    table = rows([metrics_of()], display)
    plain, markdown = (to_text(table, [board()], display, form) for form in ("simple", "github"))
    assert "M | 1" in plain
    assert "Arena, judged by j\n" in plain
    assert re.search(r"^\| M \\\| 1 +\| Data ", markdown, re.MULTILINE)
    assert "## Arena, judged by j\n" in markdown
    assert "(-12.50, +12.50)" in markdown
    assert "321" in plain


def test_without_metrics_the_leaderboards_remain_and_the_other_way_round() -> None:
    assert "pass@1" not in to_text([], [board()], PLAIN)
    assert "judged by" not in to_text(rows([metrics_of()], PLAIN), [], PLAIN)
    assert to_text([], [], PLAIN) == ""
    assert to_csv([]).startswith("model,data_set,grader,")


def test_a_score_without_a_sandbox_says_so() -> None:
    kinds = {"unsafe": "none (unsafe)", "safe": "bubblewrap"}
    metrics = [{**metrics_of(data_set=name), "sandbox": kind} for name, kind in kinds.items()]
    table = rows(metrics, PLAIN)
    found = {row["data_set"]: row["sandbox"] for row in csv.DictReader(io.StringIO(to_csv(table)))}
    assert found == {**kinds, AGGREGATE: "none (unsafe), bubblewrap"}
    _, lines = cells(table, PLAIN)
    assert [line[-1] for line in lines] == ["unsafe: no sandbox", "", "unsafe: no sandbox"]
