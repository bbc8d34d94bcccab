"""Options in columns of their own: their order, the right one's letter, and what is refused."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from snakeval.formats.rows import Row
from snakeval.problems.choices import ChoicesError, lettered
from snakeval.problems.prepare import PrepareError, prepare
from snakeval.schema import Benchmark, Fields
from snakeval.system.tables import read_rows
from snakeval.types import Problem

FIELDS = {"problem_id": "id", "problem": "q", "reference": "right", "choices": ["w1", "w2", "w3"]}
TEMPLATE = "{{ problem }}{% for option in options %} {{ 'ABCD'[loop.index0] }}) {{ option }}{% endfor %}"


def row(**cells: Any) -> Row:
    return {"id": "p", "q": "Which?", "right": "four", "w1": "one", "w2": "two", "w3": "three", **cells}


def problems(root: Path, rows: list[Row], **keys: Any) -> list[Problem]:
    (root / "rows.jsonl").write_text("".join(json.dumps(each) + "\n" for each in rows))
    (root / "ask.jinja").write_text(TEMPLATE)
    given = {"source": {"file": "rows.jsonl"}, "prompt": "ask.jinja", "fields": FIELDS, **keys}
    prepare("x", Benchmark.model_validate(given), root, root / "x.parquet")
    return list(read_rows(root / "x.parquet", Problem))


def test_the_letter_is_that_of_the_right_option(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, [row()])
    options = json.loads(found.metadata)["options"]
    assert sorted(options) == ["four", "one", "three", "two"]
    assert found.reference == "ABCD"[options.index("four")]
    assert f"{found.reference}) four" in found.messages[0]["content"]
    # Neither the prompt nor the metadata say which it is.
    assert json.loads(found.metadata).keys() == {"options", "problem"}


def test_the_order_belongs_to_the_problem_and_not_to_its_place_or_its_columns() -> None:
    fields = Fields.model_validate(FIELDS)
    first = lettered(row(), fields, "p")
    assert first == lettered(row(), fields, "p")
    assert first["options"] == lettered(row(w1="three", w3="one"), fields, "p")["options"]
    orders = {tuple(lettered(row(), fields, str(name))["options"]) for name in range(300)}
    assert len(orders) == 24


def test_each_place_is_as_likely() -> None:
    fields = Fields.model_validate(FIELDS)
    places = Counter(lettered(row(), fields, str(name))["right"] for name in range(4000))
    # 1,000 each expected, with a standard deviation of 27.
    assert all(abs(places[letter] - 1000) < 110 for letter in "ABCD")


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"w2": "four"}, "an option equals the right one, 'right'"),
        ({"w2": " four\n"}, "an option equals the right one"),
        ({"w2": ""}, "'w2' is empty"),
        ({"right": " "}, "'right' is empty"),
    ],
)
def test_refused_rows(tmp_path: Path, cells: Row, message: str) -> None:
    with pytest.raises(ChoicesError, match=message):
        lettered(row(**cells), Fields.model_validate(FIELDS), "p")
    with pytest.raises(PrepareError, match="row 1 "):
        problems(tmp_path, [row(), row(id="other", **cells)])


def test_two_wrong_options_may_be_the_same() -> None:
    assert lettered(row(w2="one"), Fields.model_validate(FIELDS), "p")["right"] in "ABCD"


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PrepareError, match=r"fields\.choices: no column 'w4'"):
        problems(tmp_path, [row()], fields={**FIELDS, "choices": ["w1", "w4"]})


@pytest.mark.parametrize(
    "keys",
    [{"reference": None}, {"reference_form": "boxed"}, {"choices": ["w1", "w1"]}, {"choices": ["right"]}],
)
def test_refused_fields(keys: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="choices"):
        Fields.model_validate({**FIELDS, **keys})
