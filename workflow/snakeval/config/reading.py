"""YAML files under config/: read strictly, checked against their class, every mistake noted."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import ValidationError, create_model

from snakeval.config.errors import Report, did_you_mean, listed
from snakeval.config.wording import explain
from snakeval.schema import Settings
from snakeval.schema.values import IN_WORDS, LONGEST_NAME, NAME, Strict

try:
    from yaml import CSafeLoader as SafeLoader
except ImportError:  # PyYAML was built without libyaml; the same, slower.
    from yaml import SafeLoader  # type: ignore[assignment]

T = TypeVar("T", bound=Strict)
DEEPEST = 20
NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
_ODD_NUMBER = re.compile(r"[-+]?(0[0-7_]+|[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?)")


class _Loader(SafeLoader):
    """Dates stay text: a revision `2024-08-01` is a name, and no key here is a date."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
        for first, found in SafeLoader.yaml_implicit_resolvers.items()
    }


def read_yaml(path: Path, file: str, report: Report) -> Mapping[object, object] | None:
    """Read one YAML file, called `file` in reports; None if it can't be read as keys and values."""
    try:
        loader = _Loader(path.read_text(encoding="utf-8-sig"))
        node = loader.get_single_node()
        if node is None:
            return {}
        repeated, numbers = list(_repeated_keys(node, "", set())), list(_odd_numbers(node, ""))
        raw = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        report.add(file, "", f"{where}not YAML: {error.problem or error.context}")
        return None
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        report.add(file, "", f"can't be read: {error}")
        return None
    for key, line in repeated:
        report.add(file, key, f"stands here twice (again in line {line}); only one would count")
    for key, written, read in numbers:
        report.add(file, key, f"{written} would be read as {read}: write that, or '{written}' for the text")
    if not isinstance(raw, dict):
        report.add(file, "", "must hold keys and values, as in 'label: My name'")
        return None
    return raw


def _repeated_keys(node: yaml.Node, path: str, seen: set[int]) -> list[tuple[str, int]]:
    """(key path, line counted from 1) of each key that its mapping has already.

    Looked for before objects are made: YAML's merge key `<<` may be overridden, and is not a repetition.
    """
    if id(node) in seen:  # an anchor's node is met again at each alias
        return []
    seen.add(id(node))
    found: list[tuple[str, int]] = []
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            found += _repeated_keys(item, f"{path}[{index}]", seen)
    elif isinstance(node, yaml.MappingNode):
        keys: set[object] = set()
        for key, value in node.value:
            here = f"{path}.{key.value}" if path else str(key.value)
            if isinstance(key, yaml.ScalarNode):
                if (key.tag, key.value) in keys:
                    found.append((here, key.start_mark.line + 1))
                keys.add((key.tag, key.value))
            found += _repeated_keys(value, here, seen)
    return found


def _odd_numbers(node: yaml.Node, path: str, depth: int = 0) -> Iterator[tuple[str, str, int | float]]:
    """(key path, as written, as read) of numbers that YAML 1.1 reads otherwise: 010 is 8 and 1:30 is 90."""
    if depth > DEEPEST:  # an anchor within itself
        return
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _odd_numbers(item, f"{path}[{index}]", depth + 1)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _odd_numbers(value, f"{path}.{key.value}" if path else str(key.value), depth + 1)
    elif isinstance(node, yaml.ScalarNode) and node.tag in NUMBERS and _ODD_NUMBER.fullmatch(node.value):
        yield path, node.value, yaml.safe_load(node.value)


def parse(cls: type[T], raw: object, file: str, report: Report) -> T | None:
    """Check what a file holds against its class.

    Mistakes are noted, and what is right of it comes back, so that it is looked at too: to read a key whose
    value is wrong then raises `Wrong`. None where nothing can be said of the rest.
    """
    try:
        return cls.model_validate(raw)
    except ValidationError as error:
        for key, message in explain(error, cls):
            report.add(file, key, message)
        wrong = {str(each["loc"][0]) if each["loc"] else "" for each in error.errors()}
        return None if "" in wrong or not isinstance(raw, dict) else _without(cls, raw, wrong)


def _without(cls: type[T], raw: dict[object, object], wrong: set[str]) -> T | None:
    """An object without some of its keys, also those that a misspelt one may have meant."""
    unknown = wrong - cls.model_fields.keys()
    meant = {near for key in unknown for near in difflib.get_close_matches(key, cls.model_fields, n=1)}
    left = {name: field for name, field in cls.model_fields.items() if name not in wrong | meant}
    part = create_model(cls.__name__, __base__=Strict, **{n: (f.annotation, f) for n, f in left.items()})  # type: ignore[call-overload]
    try:
        values = part.model_validate({key: value for key, value in raw.items() if key in left})
    except ValidationError:
        return None
    found = cls.model_construct(values.model_fields_set, **{name: getattr(values, name) for name in left})
    for name in cls.model_fields.keys() - left.keys():
        found.__dict__.pop(name, None)
    return found


def parse_settings(raw: Mapping[str, object], origins: Mapping[str, str], report: Report) -> Settings:
    """The settings; where one is wrong it is noted, and the others are there so that they are checked too."""
    right: dict[str, object] = {}
    for key, value in raw.items():
        before = len(report.problems)
        parse(Settings, {key: value}, origins[key], report)
        if len(report.problems) == before:
            right[key] = value
    return Settings.model_validate(right)


class Files:
    """The YAML files of config/<kind>/, each read once."""

    def __init__(self, root: Path, report: Report) -> None:
        self._root = root
        self._report = report
        self._parsed: dict[str, Strict | None] = {}
        self.names = lru_cache(maxsize=None)(self._names)

    @staticmethod
    def label(kind: str, name: str) -> str:
        """The file's path from the root of the project."""
        return f"config/{kind}/{name}.yaml"

    def _names(self, kind: str) -> tuple[str, ...]:
        return tuple(sorted(path.stem for path in (self._root / "config" / kind).glob("*.yaml")))

    def read(self, kind: str, name: str, cls: type[T]) -> T | None:
        """The checked content of config/<kind>/<name>.yaml; None where that is a mistake, once noted."""
        file = self.label(kind, name)
        if file not in self._parsed:
            raw = read_yaml(self._root / file, file, self._report)
            self._parsed[file] = None if raw is None else parse(cls, raw, file, self._report)
        found = self._parsed[file]
        assert found is None or isinstance(found, cls)
        return found

    def find(self, kind: str, name: str, cls: type[T], file: str, key: str) -> T | None:
        """Like `read`, for a name that `key` of `file` gives; an unknown name is noted there."""
        if name not in self.names(kind):
            self._report.add(file, key, self.unknown(kind, name))
            return None
        if not re.fullmatch(NAME, name) or len(name) > LONGEST_NAME:  # it becomes part of paths
            what = f"{IN_WORDS[NAME]}; at most {LONGEST_NAME} characters"
            self._report.add(self.label(kind, name), "", f"the file's name must be {what}")
            return None
        return self.read(kind, name, cls)

    def unknown(self, kind: str, name: str) -> str:
        """What to say of a name that has no file."""
        names = self.names(kind)
        bare = name.rpartition("/")[2].removesuffix(".yaml").removesuffix(".yml")
        hint = f"; the name is '{bare}' alone" if bare in names else did_you_mean(name, names)
        return f"there is no {self.label(kind, name)}{hint} (config/{kind} has: {listed(names)})"
