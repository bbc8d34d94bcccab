"""Chunks of data that a page loads by a script tag, compressed."""

from __future__ import annotations

import base64
import gzip
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

LEVEL = 6
ROWS, CHARACTERS = 64, 400_000  # a chunk ends where either is reached


def write_chunk(folder: Path, key: str, value: object) -> int:
    """Write `value` as JSON to `folder`/`key`.js and return the file's bytes.

    What models wrote is in it as base64 alone, which no parser of scripts or pages reads as anything else.
    The file is a function of the value: no name and no time is in its archive.
    """
    text = json.dumps(finite(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    packed = gzip.compress(text.encode("utf-8", "replace"), LEVEL, mtime=0)
    path = folder / f"{key}.js"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.write_bytes(f'SV.put("{key}","'.encode() + base64.b64encode(packed) + b'")\n')


def finite(value: Any) -> Any:
    """A value that JSON can say: what is no number is null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [finite(each) for each in value]
    return value


class Cut:
    """Rows collected into chunks `KEY-0`, `KEY-1` ...; `starts` has the number of each chunk's first row."""

    def __init__(self, folder: Path, key: str) -> None:
        self._folder, self._key = folder, key
        self._rows: list[object] = []
        self._size = 0
        self._count = 0
        self.starts: list[int] = []

    def add(self, row: object, characters: int) -> None:
        """Take one row, of about this many characters."""
        if not self._rows:
            self.starts.append(self._count)
        self._rows.append(row)
        self._count += 1
        self._size += characters
        if len(self._rows) >= ROWS or self._size >= CHARACTERS:
            self.close()

    def close(self) -> None:
        """Write what has been collected since the last chunk."""
        if self._rows:
            write_chunk(self._folder, f"{self._key}-{len(self.starts) - 1}", self._rows)
            self._rows, self._size = [], 0


def characters(*texts: str | None) -> int:
    """How many characters these texts have together."""
    return sum(len(text) for text in texts if text)


class Codes:
    """Texts by number, in the order in which they were first seen."""

    def __init__(self, known: Sequence[str] = ()) -> None:
        self._numbers = {text: number for number, text in enumerate(known)}

    def of(self, text: str | None) -> int:
        """A text's number; -1 for none."""
        return -1 if text is None else self._numbers.setdefault(text, len(self._numbers))

    @property
    def texts(self) -> list[str]:
        """The texts by their numbers."""
        return list(self._numbers)
