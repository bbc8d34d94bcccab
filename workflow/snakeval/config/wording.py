"""pydantic's errors in the words of the YAML files' users. Texts are not repeated: one may be a key."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator, Mapping
from typing import Any, Union, get_args, get_origin

from pydantic import ValidationError

from snakeval import schema
from snakeval.config.errors import did_you_mean
from snakeval.schema.values import IN_WORDS, Strict

Loc = tuple[int | str, ...]

# By the end of pydantic's error type, for types of one kind that differ in detail (int_type, int_parsing).
KINDS = {
    "int": "a whole number",
    "float": "a number",
    "finite": "a finite number",
    "bool": "true or false",
    "tuple": "a list, as in [first, second]",
    "dict": "keys and values",
    "mapping": "keys and values",
    "model": "keys and values",
}
LIMITS = {
    "greater_than": ("gt", "greater than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}
FILES: dict[str, type[Strict]] = {
    "config/config.yaml": schema.Settings,
    "config/benchmarks/NAME.yaml": schema.Benchmark,
    "config/models/NAME.yaml": schema.Model,
    "config/judges/NAME.yaml": schema.Judge,
    "config/arenas/NAME.yaml": schema.Arena,
    "config/agents/NAME.yaml": schema.Agent,
    "config/lm_eval/NAME.yaml": schema.LmEvalTask,
}
MOST_FILES = 3
MUST_BE = "must be "
# Ends the location of a key of free mappings (extra_body, env) that is itself wrong.
KEY = ("[key]",)


def explain(error: ValidationError, cls: type[Strict]) -> Iterator[tuple[str, str]]:
    """Yield (key path, message) for each key of `cls` that is wrong, in the file's words."""
    messages: dict[str, list[str]] = {}
    for entry in error.errors(include_url=False):
        loc = _without_union_tags(entry["loc"], cls)
        loc = loc[:-1] if loc[-1:] == KEY else loc
        messages.setdefault(key_path(loc), []).append(_message(entry, loc, cls))
    for key, parts in messages.items():
        # A key that may be a number or a word fails once for each: "must be a whole number or 'auto'".
        if all(part.startswith(MUST_BE) for part in parts):
            parts = [MUST_BE + " or ".join(part.removeprefix(MUST_BE) for part in parts)]
        yield key, "; ".join(parts)


def key_path(loc: Loc) -> str:
    """Write a location as a path of keys: graders[1].name."""
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return path.removeprefix(".")


def _message(entry: Mapping[str, Any], loc: Loc, cls: type[Strict]) -> str:
    kind, context = entry["type"], entry.get("ctx", {})
    if kind == "invalid_key" or entry["loc"][-1:] == KEY:
        return "a key must be text: put it in quotes"
    if kind == "missing":
        return "is missing; it has no default"
    if kind == "extra_forbidden":
        return _unknown_key(str(loc[-1]), _class_at(cls, loc[:-1]))
    if kind == "literal_error":
        return _literal(entry["input"], context["expected"])
    if kind in LIMITS:
        key, words = LIMITS[kind]
        return f"{MUST_BE}{words} {context[key]:.15g}, not {entry['input']}"
    if kind == "string_type":
        return f"{MUST_BE}text" + (": put it in quotes" if isinstance(entry["input"], int | float) else "")
    if kind == "string_pattern_mismatch":
        return f"{MUST_BE}{IN_WORDS[context['pattern']]}"
    if kind == "string_too_long":
        return f"{MUST_BE}{context['max_length']} characters at most, not {len(entry['input'])}"
    if kind in ("string_too_short", "too_short"):
        return "must not be empty"
    if kind == "value_error":
        return str(context["error"])
    words = KINDS.get(kind.partition("_")[0], "")
    return f"{MUST_BE}{words}" if words else entry["msg"]


def _literal(value: object, expected: str) -> str:
    allowed = re.findall(r"'([^']*)'", expected)
    words = f"{MUST_BE}{' or '.join(map(repr, allowed))}"
    return words + (did_you_mean(value, allowed) if isinstance(value, str) else "")


def _unknown_key(key: str, cls: type[Strict] | None) -> str:
    """Name the nearest key of the class, or the one of that name in a class below it."""
    fields = cls.model_fields if cls else {}
    below = dict(_nested(cls)) if cls else {}
    hint = did_you_mean(key, fields)
    if key in below or not hint:
        near = did_you_mean(key, below)
        hint = re.sub(r"'(.*)'", lambda match: f"'{below[match[1]]}'", near) or hint
    elsewhere = _elsewhere(key, cls) if key not in below else ""
    return f"is no key here{hint}{elsewhere}" + ("" if hint or elsewhere else f"; keys: {', '.join(fields)}")


def _elsewhere(key: str, cls: type[Strict] | None) -> str:
    """The files of other kinds that a key belongs in, as an end of a sentence; "" where there is none."""
    found = []
    for file, kind in FILES.items():
        if kind is cls:
            continue
        nested = [path for name, path in _nested(kind) if name == key]
        if key in kind.model_fields:
            found.append(file)
        elif nested:
            found.append(f"{file} (as '{nested[0]}')")
    return f"; it belongs in {' or '.join(found[:MOST_FILES])}" if found else ""


def _nested(cls: type[Strict]) -> Iterator[tuple[str, str]]:
    """The keys of the objects in a file, with their paths: ("max_tokens", "sampling.max_tokens")."""
    for name, field in cls.model_fields.items():
        inner = _class_in(field.annotation)
        if inner is not None and not _is_list(field.annotation):
            yield from ((key, f"{name}.{key}") for key in inner.model_fields)


def _without_union_tags(loc: Loc, cls: type[Strict]) -> Loc:
    """Cut what pydantic adds to the location of a value that may be of several types."""
    for length in range(1, len(loc)):
        outer = _class_at(cls, loc[: length - 1])
        field = outer.model_fields.get(str(loc[length - 1])) if outer else None
        if field is not None and len(_alternatives(field.annotation)) > 1:
            return loc[:length]
    return loc


def _alternatives(annotation: object) -> list[object]:
    """The types of a union without None, or the one type."""
    if get_origin(annotation) in (Union, types.UnionType):
        return [kind for kind in get_args(annotation) if kind is not type(None)]
    return [annotation]


def _is_list(annotation: object) -> bool:
    return any(get_origin(kind) is tuple for kind in _alternatives(annotation))


def _class_in(annotation: object) -> type[Strict] | None:
    """The class of the objects that a key holds, alone or in a list."""
    for kind in _alternatives(annotation):
        if isinstance(kind, type) and issubclass(kind, Strict):
            return kind
        if get_origin(kind) is tuple:
            return _class_in(get_args(kind)[0])
    return None


def _class_at(cls: type[Strict], loc: Loc) -> type[Strict] | None:
    """The class of the object at a location, None where that is no object of the schema."""
    found: type[Strict] | None = cls
    for part in loc:
        if isinstance(part, str):
            field = found.model_fields.get(part) if found else None
            found = _class_in(field.annotation) if field else None
    return found
