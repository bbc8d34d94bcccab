"""The typed reader of config.json, and inference from configs with anything under any key."""

from __future__ import annotations

import copy
import random
import sys
from pathlib import Path
from typing import Any

import pytest

from snakeval.models import architecture, values
from snakeval.models.files import ModelFiles
from snakeval.models.infer import InferError, infer
from snakeval.schema import Gpus, Model
from unit.models.count_architectures import read

# (what stands there, the whole number that it is)
WHOLE: list[tuple[object, int | None]] = [
    (0, 0),
    (7, 7),
    (7.0, 7),
    ("7", 7),
    ("7.0", 7),
    (" 7 ", 7),
    (1 << 53, 1 << 53),
    ((1 << 53) + 1, None),
    (7.5, None),
    ("seven", None),
    ("", None),
    ("1" * 1000, None),
    (-1, None),
    (True, None),
    (None, None),
    ([7], None),
    ({"value": 7}, None),
    (float("nan"), None),
    (float("inf"), None),
    ("nan", None),
    (10**400, None),
]


@pytest.mark.parametrize(("value", "expected"), WHOLE)
def test_whole(value: object, expected: int | None) -> None:
    assert values.whole(value) == expected
    assert values.integer({"a": value, "b": 5}, "a", "b") == (5 if expected is None else expected)


NUMBERS: list[tuple[object, float | None]] = [(0.5, 0.5), ("0.5", 0.5), (-2, -2), (1e300, None), ("x", None)]


@pytest.mark.parametrize(("value", "expected"), NUMBERS)
def test_number(value: object, expected: float | None) -> None:
    assert values.number(value) == expected


def test_other_types() -> None:
    config = {"a": None, "b": "x", "c": {"d": 1}, "e": [1], "f": True, "g": 1, "h": "", "i": {}, "j": []}
    assert values.word(config, "a", "c", "h", "b") == "x"
    assert values.part(config, "a", "e", "c") == {"d": 1}
    assert values.entries(config, "c", "j", "e") == [1]
    assert [values.truth(config, key) for key in ("f", "g", "b", "a", "none")] == [
        True,
        None,
        None,
        None,
        None,
    ]
    assert (values.word(config, "a"), values.part(config, "b"), values.entries(config, "b")) == (None, {}, [])


ANYTHING: list[Any] = [
    None,
    True,
    0,
    -1,
    3,
    10**400,
    0.5,
    float("nan"),
    float("inf"),
    "",
    "8",
    "x",
    [],
    [None],
    [1, 2],
    [[]],
    [{}],
    [128] * 32,
    ["full_attention"],
    {},
    {"a": 1},
    {"0": []},
    {"rope_type": "yarn", "factor": "x", "original_max_position_embeddings": [1]},
]
ROWS = read()


@pytest.fixture(autouse=True)
def _without_transformers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its import takes many seconds; what it adds to a config is tested where it is read."""
    monkeypatch.setitem(sys.modules, "transformers", None)


def files(config: dict[str, Any]) -> ModelFiles:
    return ModelFiles(Path("cache"), "0", "here", config, {"temperature": 0.6}, None, None)


def parts(config: dict[str, Any]) -> list[dict[str, Any]]:
    return [config, *(each for each in config.values() if isinstance(each, dict))]


@pytest.mark.parametrize("name", ["baidu/ERNIE-4.5-21B-A3B-PT", "google/gemma-3n-E4B-it, text part"])
@pytest.mark.parametrize("value", ANYTHING, ids=range(len(ANYTHING)))
def test_one_value_under_each_key(name: str, value: object) -> None:
    """Only a length that nobody knows may stop inference; nothing stops an external server's."""
    for key in ROWS[name]["config"]:
        config = {**ROWS[name]["config"], key: value}
        external = Model(model="m", engine="external", base_urls=("http://host/v1",), max_tokens=999_999)
        assert infer(external, files(config), Gpus()).max_tokens == 999_999
        assert infer(Model(model="m", context_length=512), files(config), Gpus()).max_tokens == 256


@pytest.mark.parametrize("seed", range(10))
def test_several_values_under_any_keys(seed: int) -> None:
    chance = random.Random(seed)
    keys = sorted({key for row in ROWS.values() for each in parts(row["config"]) for key in each})
    stopped: list[str] = []
    for _ in range(10):
        config = copy.deepcopy(ROWS[chance.choice(sorted(ROWS))]["config"])
        for _ in range(chance.randint(1, 4)):
            inside = chance.choice(parts(config))
            inside[chance.choice([*inside, chance.choice(keys)])] = chance.choice(ANYTHING)
        external = Model(model="m", engine="external", base_urls=("http://host/v1",))
        node = Gpus(per_node=8, memory_gib=80)
        infer(external, files(config), node)
        served = Model(model="m", context_length=chance.choice([None, 512]))
        if served.context_length or architecture.context_length(architecture.text_part(config)):
            try:
                infer(served, files(config), node)
            except InferError as error:
                stopped.append(str(error))
    # What is left to stop for: sizes written there that no 8 nodes hold.
    assert [error for error in stopped if "do not fit on 8 nodes" not in error] == []
