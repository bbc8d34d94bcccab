"""Digests of files and folders outside results/, by which they are part of an identity: content counts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

from snakeval.models.fingerprint import fingerprint


@cache
def content(path: str | None) -> str | None:
    """Digest of a file's content, None for no file."""
    return None if path is None else hashlib.sha256(Path(path).read_bytes()).hexdigest()[:32]


@cache
def folder_content(path: str) -> str:
    """Fingerprint of a model's or an adapter's folder. Raises FileNotFoundError if it is none."""
    return fingerprint(Path(path))


def adapter(name: str) -> str:
    """What tells an adapter from others: the content of its folder, or its commit on the hub."""
    return folder_content(name) if Path(name).is_dir() else name


def engine_files(arguments: Sequence[str]) -> dict[str, str]:
    """Digests of the files and folders that engine_args name, by their paths: adapters, templates."""
    found: dict[str, str] = {}
    for word in (word for argument in arguments for word in words_of(argument)):
        path = Path(word).expanduser()
        if path.is_file():
            found[word] = str(content(str(path)))
        elif path.is_dir():
            with suppress(FileNotFoundError):  # no file of a model in it: a cache, a folder for logs
                found[word] = folder_content(str(path))
    return found


def words_of(argument: str) -> Iterator[str]:
    """What in an argument may be a path: it, what follows `=`, as in --x=path or name=path, JSON's texts."""
    yield argument
    _, equals, rest = argument.partition("=")
    if equals:
        yield from words_of(rest)
    if argument.startswith(("{", "[")):
        with suppress(ValueError):
            yield from _texts(json.loads(argument))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)
