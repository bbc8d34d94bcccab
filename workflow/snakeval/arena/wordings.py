"""The prompts of an arena's games, in our own words or in those that published scores were made with.

An official prompt stays where its authors keep it: a text in a YAML or Python file at one commit of a
repository. It is fetched once, checked against the digest of the text, and kept in the cache. Which wording
was used is part of the file of prompts, and of each judgment that was made with it.
"""

from __future__ import annotations

import ast
import hashlib
import json
import logging
import re
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import yaml

from snakeval.formats.bounded import ENVIRONMENT
from snakeval.problems.fetch import TIMEOUT_SECONDS, FetchError, cache_folder
from snakeval.schema import Arena, OfficialText
from snakeval.system.files import write_text
from snakeval.types import Json, Message

log = logging.getLogger(__name__)
RAW = "https://raw.githubusercontent.com"
DEFAULT = ""  # the category of questions whose category has no system message of its own
FIELDS = {
    **{"QUESTION": "question", "ANSWER_A": "answer_a", "ANSWER_B": "answer_b"},
    **{"question_1": "question", "answer_1": "answer_a", "answer_2": "answer_b"},
}
_FIELD = re.compile("|".join(rf"\{{{name}\}}" for name in FIELDS))


def write_prompts(arena: Arena, output: Path) -> None:
    """Write results/arena/{arena}/prompts.json. Raises FetchError where official wording is a must."""
    found = None
    if arena.wording != "own":
        try:
            found = _official(arena)
        except FetchError as error:
            if arena.wording == "official":
                raise FetchError(f"{error}; 'wording: own' takes the prompts that are here") from error
            log.warning("the official prompts can't be had, ours are used: %s", error)
    found = found or _own(arena)
    texts = {"prompt": found["prompt"], "system": found["system"]}
    found["sha256"] = hashlib.sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()
    write_text(output, json.dumps(found, indent=2, ensure_ascii=False) + "\n")


def _own(arena: Arena) -> Json:
    named = {DEFAULT: arena.system, **{name: each.system for name, each in arena.categories.items()}}
    system = {name: Path(path).read_text(encoding="utf-8") for name, path in named.items() if path}
    return {
        "wording": "own",
        "source": None,
        "prompt": Path(arena.prompt).read_text(encoding="utf-8"),
        "system": system,
    }


def _official(arena: Arena) -> Json:
    official = arena.official
    assert official is not None, "checked when the configuration was read"
    base = f"{RAW}/{official.repo}/{official.commit}"
    named = {
        DEFAULT: official.system,
        **{name: each.official_system for name, each in arena.categories.items()},
    }
    return {
        "wording": "official",
        "source": f"{official.repo}@{official.commit}",
        "prompt": official_text(base, official.prompt),
        "system": {name: official_text(base, text) for name, text in named.items() if text},
    }


def official_text(base: str, wanted: OfficialText) -> str:
    """An official text, from the cache or from below the URL `base`. Raises FetchError."""
    kept = cache_folder() / "texts" / wanted.sha256
    if kept.is_file() and _sha256(kept.read_text(encoding="utf-8")) == wanted.sha256:
        return kept.read_text(encoding="utf-8")
    url = f"{base}/{wanted.path}"
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer:
            content = answer.read().decode()
    except (OSError, urllib.error.URLError, UnicodeDecodeError) as error:
        raise FetchError(f"{url}: can't be downloaded: {error}") from error
    try:
        text = text_at(content, wanted.path, wanted.key)
    except (LookupError, ValueError, TypeError, SyntaxError, yaml.YAMLError) as error:
        raise FetchError(f"{url}: no text at {' / '.join(wanted.key)}: {error!r}") from error
    if _sha256(text) != wanted.sha256:
        raise FetchError(
            f"{url}: the text at {' / '.join(wanted.key)} has the sha256 {_sha256(text)}, not {wanted.sha256}"
        )
    write_text(kept, text)
    return text


def text_at(content: str, path: str, key: Sequence[str]) -> str:
    """The text that keys lead to in a YAML or Python file; nothing of the Python file is executed."""
    found: Any = _constants(content) if path.endswith(".py") else yaml.safe_load(content)
    for step in key:
        found = found[int(step)] if isinstance(found, list) else found[step]
    if not isinstance(found, str):
        raise TypeError(f"a {type(found).__name__}")
    return found


def _constants(source: str) -> dict[str, Any]:
    """Variables of a module that are literals, or dicts and lists of literals and of such variables."""
    known: dict[str, Any] = {}

    def value(node: ast.expr) -> Any:
        if isinstance(node, ast.Name):
            return known[node.id]
        if isinstance(node, ast.Dict):
            return {value(k): value(v) for k, v in zip(node.keys, node.values, strict=True) if k}
        return ast.literal_eval(node)

    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            try:
                known[node.targets[0].id] = value(node.value)
            except (ValueError, LookupError):
                continue
    return known


class Prompts:
    """Renders games from a file that `write_prompts` wrote."""

    def __init__(self, path: Path) -> None:
        values: Json = json.loads(path.read_text(encoding="utf-8"))
        self.wording: str = values["wording"]
        self.sha256: str = values["sha256"]
        self._prompt: str = values["prompt"]
        self._system: Mapping[str, str] = values["system"]

    def messages(self, category: str | None, values: Mapping[str, str]) -> tuple[Message, ...]:
        """The chat of one game: `values` are the question and the two answers."""
        system = self._system.get(category or DEFAULT, self._system.get(DEFAULT))
        user: Message = {"role": "user", "content": self._render(self._prompt, values)}
        if system is None:
            return (user,)
        return ({"role": "system", "content": self._render(system, values)}, user)

    def _render(self, template: str, values: Mapping[str, str]) -> str:
        if self.wording == "official":
            return _FIELD.sub(lambda match: values[FIELDS[match[0][1:-1]]], template)
        return _compiled(template).render(values)


@cache
def _compiled(template: str) -> jinja2.Template:
    return ENVIRONMENT.from_string(template)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
