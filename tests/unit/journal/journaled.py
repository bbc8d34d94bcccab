"""Numbered rows in a journal, for the tests of its parts."""

from __future__ import annotations

import hashlib
from pathlib import Path

from snakeval.journal.writer import JournalWriter, scan


def digest(number: int) -> str:
    """The digest of row `number`: like real ones, spread over all 128 bits."""
    return hashlib.md5(b"%d" % number, usedforsecurity=False).hexdigest()


def append_many(writer: JournalWriter, numbers: range) -> None:
    """Append a finished row for each number."""
    for number in numbers:
        writer.append({"number": number}, digest(number), True)


def numbers_in(folder: Path, wanted: range) -> list[int]:
    """Read the rows wanted and return their numbers."""
    return [row["number"] for row in scan(folder).read([digest(number) for number in wanted])]
