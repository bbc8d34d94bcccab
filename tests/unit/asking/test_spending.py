"""Usage added up over outputs and judges, and what it costs."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from snakeval.asking.spending import Bill, Usage, bills, read_bills, to_json, to_text, usage_of
from snakeval.schema import Price

PRICE = Price(input=2, output=8, cached_input=0.5)


@pytest.mark.parametrize(
    ("usage", "price", "cost"),
    [
        (Usage(1, 1_000_000, 0, 0), PRICE, 2.0),
        (Usage(1, 1_000_000, 400_000, 0), PRICE, 1.4),
        (Usage(1, 1_000_000, 400_000, 0), Price(input=2, output=8), 2.0),
        (Usage(1, 0, 0, 1_000_000), PRICE, 8.0),
        (Usage(), PRICE, 0.0),
    ],
)
def test_cost(usage: Usage, price: Price, cost: float) -> None:
    assert usage.cost(price) == pytest.approx(cost)


def test_usage_of_rows() -> None:
    row = {"prompt_tokens": 5, "completion_tokens": 3, "cached_tokens": 2, "hidden_tokens": 4}
    assert usage_of(row) == Usage(1, 5, 2, 7)
    assert usage_of({"prompt_tokens": None, "completion_tokens": None}) == Usage(1, 0, 0, 0)


def write(folder: Path, name: str, judge: str, usage: Usage) -> Path:
    path = folder / f"{name}.json"
    path.write_text(json.dumps({"judge": judge, "model": "m", **asdict(usage)}))
    return path


def test_bills(tmp_path: Path) -> None:
    paths = [
        write(tmp_path, "a", "paid", Usage(1, 1_000_000, 0, 0)),
        write(tmp_path, "b", "local", Usage(2, 10, 0, 5)),
        write(tmp_path, "c", "paid", Usage(3, 0, 0, 1_000_000)),
    ]
    found = bills(paths, {"paid": PRICE, "local": None})
    assert found == [
        Bill("local", Usage(2, 10, 0, 5), None, None),
        Bill("paid", Usage(4, 1_000_000, 0, 1_000_000), 10.0, "USD"),
        Bill(None, Usage(6, 1_000_010, 0, 1_000_005), 10.0, "USD"),
    ]
    (tmp_path / "costs.json").write_text(to_json(found))
    assert read_bills(tmp_path / "costs.json") == found
    lines = to_text(found, "github").splitlines()
    assert lines[1] == "## Judges' tokens and costs"
    assert [cell.strip() for cell in lines[-1].strip("|").split("|")] == [
        *("all", "6", "1,000,010", "0", "1,000,005"),
        "10.00 USD",
    ]


def test_two_currencies_are_not_added(tmp_path: Path) -> None:
    paths = [write(tmp_path, name, name, Usage(1, 1, 0, 1)) for name in "ab"]
    prices = {"a": PRICE, "b": Price(input=1, output=1, currency="EUR")}
    assert [bill.judge for bill in bills(paths, prices)] == ["a", "b"]
    assert to_text([]) == ""
