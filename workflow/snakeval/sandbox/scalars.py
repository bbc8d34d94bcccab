"""Values and exceptions that a candidate sends by name, made anew from their parts by the examiner."""

from __future__ import annotations

import collections
import decimal
import fractions
from collections.abc import Callable
from typing import Any


class Raised(Exception):
    """The tested code raised an exception that is no built-in one."""


def refuse(tag: object) -> Any:
    raise ValueError(f"unknown tag {tag!r}")


SCALARS: dict[str, Callable[..., Any]] = {
    "int": lambda text: int(text, 16),
    "complex": complex,
    "bytes": bytes.fromhex,
    "bytearray": bytearray.fromhex,
    "range": range,
    "decimal.Decimal": decimal.Decimal,
    "fractions.Fraction": fractions.Fraction,
    "collections.deque": lambda *items: collections.deque(items),
}


def exception(kind: type[Exception], text: str) -> Exception:
    try:
        return kind(text)
    except TypeError:  # UnicodeDecodeError and the like want more
        return Raised(f"{kind.__name__}: {text}")
