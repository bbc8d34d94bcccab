"""The schemas and config/README.md say of every key what the classes and identities do."""

from __future__ import annotations

import difflib
import json
import re
from pathlib import Path
from typing import Any, get_args

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

from snakeval import schema
from snakeval.config.jsonschema import CONFIG, SCHEMAS, documented, schemas
from snakeval.schema.values import Strict

README = (CONFIG / "README.md").read_text(encoding="utf-8")
TABLES = documented(README)
CLASSES = {
    name: cls
    for name, cls in vars(schema).items()
    if isinstance(cls, type) and issubclass(cls, Strict) and cls is not Strict
}
FOLDERS = {
    "models": "model",
    "agents": "agent",
    "benchmarks": "benchmark",
    "judges": "judge",
    "arenas": "arena",
    "corrections": "corrections",
    "lm_eval": "lm_eval",
    "": "config",
}
YAML_FILES = sorted(CONFIG.rglob("*.yaml"))
REQUIRED: dict[str, dict[str, Any]] = {
    "Model": {"model": "m"},
    "Agent": {
        "kind": "deepseek_math",
        "evaluate": "e",
        "refine": "r",
        "sampling": {"max_tokens": 1},
        "max_total_tokens": 1,
    },
    "Source": {"file": "f"},
    "Code": {"format": "mbpp"},
    "Grader": {"type": "math"},
    "Benchmark": {"source": {"file": "f"}, "prompt": "p"},
    "FewShot": {"source": {"file": "f"}, "n": 1},
    "Corrections": {"corrections": []},
    "Correction": {"problem_id": "p", "old": "o", "new": "n", "reason": "r", "source": "s"},
    "Points": {"pattern": "(p)"},
    "Verdicts": {"correct": "c", "incorrect": "i"},
    "Judge": {"model": "m"},
    "OfficialText": {"path": "p", "key": ["k"], "sha256": "0" * 64},
    "Official": {
        "repo": "a/b",
        "commit": "0" * 40,
        "prompt": {"path": "p", "key": ["k"], "sha256": "0" * 64},
    },
    "Price": {"input": 1.0, "output": 2.0},
    "LmEvalTask": {"task": "t"},
    "Arena": {"questions": "q", "baseline": "b", "judges": ["j"], "prompt": "p"},
}


def test_schemas_are_those_of_the_classes() -> None:
    for path, text in schemas():
        written = path.read_text(encoding="utf-8") if path.exists() else ""
        lines = written.splitlines(), text.splitlines()
        diff = "\n".join(difflib.unified_diff(*lines, str(path), "the classes", lineterm=""))
        assert not diff, f"run python -m snakeval.config.jsonschema:\n{diff}"
    assert {path.stem for path in (CONFIG / "schemas").iterdir()} == SCHEMAS.keys()


@pytest.mark.parametrize("file", YAML_FILES, ids=lambda path: str(path.relative_to(CONFIG)))
def test_files_name_their_schema_and_follow_it(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    folder = "" if file.parent == CONFIG else file.parent.name
    target = f"{'../' if folder else ''}schemas/{FOLDERS[folder]}.json"
    assert text.splitlines()[0] == f"# yaml-language-server: $schema={target}"
    found = json.loads((file.parent / target).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(found)
    jsonschema.Draft202012Validator(found).validate(yaml.safe_load(text))


@pytest.mark.parametrize("example", re.findall(r"```yaml\n(.*?)```", README, re.DOTALL))
def test_examples_are_right(example: str) -> None:
    (kind,) = re.findall(r"schema=\.\./schemas/(\w+)\.json\n", example)
    SCHEMAS[kind].model_validate(yaml.safe_load(example))


def test_schemas_refuse_what_the_classes_refuse() -> None:
    found = json.loads((CONFIG / "schemas/model.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(found)
    for wrong in ({}, {"model": "a/b", "lable": "x"}, {"model": "a/b", "sampling": {"temperature": -1}}):
        assert not validator.is_valid(wrong)
    assert validator.is_valid({"model": "a/b", "concurrency": "auto", "sampling": {"temperature": 1}})


def test_every_key_is_documented_and_nothing_else() -> None:
    inherited = {"JudgeSampling": schema.Sampling.model_fields}
    for name, cls in CLASSES.items():
        own = [
            key
            for key, field in cls.model_fields.items()
            if key not in inherited.get(name, {}) or field.default != inherited[name][key].default
        ]
        assert list(TABLES[name]) == own, name
    assert TABLES.keys() == CLASSES.keys()


def shown(value: Any) -> str:
    """A default as the README writes it."""
    if isinstance(value, Strict):
        assert value == type(value)()
        return "all defaults"
    if isinstance(value, str):
        return f"`{value}`"
    return f"`{json.dumps(int(value) if isinstance(value, float) and value.is_integer() else value)}`"


@pytest.mark.parametrize("name", CLASSES)
def test_documented_defaults(name: str) -> None:
    for key, (_, default, _, _) in TABLES[name].items():
        field = CLASSES[name].model_fields[key]
        if (name, key) == ("Grader", "name"):
            assert schema.Grader(type="math").name == "math"
            assert schema.Grader(type="judge", judge="x").name == "x"
            continue
        expected = "required" if field.is_required() else shown(field.get_default(call_default_factory=True))
        assert default == expected, f"{name}.{key}"


@pytest.mark.parametrize("name", CLASSES)
def test_documented_values(name: str) -> None:
    """Allowed words stand in the table as the class has them."""
    for key, (values, *_) in TABLES[name].items():
        annotation = CLASSES[name].model_fields[key].annotation
        kinds = [annotation, *get_args(annotation)]
        for kind in kinds:
            words = [word for word in get_args(kind) if isinstance(word, str)]
            assert not words or values.endswith(", ".join(words)), f"{name}.{key}"


@pytest.mark.parametrize("name", CLASSES)
def test_a_default_written_out_changes_nothing(name: str) -> None:
    """Or writing `timeout: 10` where 10 is the default would make outputs stale."""
    cls, required = CLASSES[name], REQUIRED.get(name, {})
    alone = cls.model_validate(required).model_dump_json()
    for key, field in cls.model_fields.items():
        if key in required or (name, key) == ("Grader", "name"):
            continue
        default = field.get_default(call_default_factory=True)
        written = yaml.safe_load(json.dumps(default.model_dump() if isinstance(default, Strict) else default))
        assert cls.model_validate({**required, key: written}).model_dump_json() == alone, f"{name}.{key}"
