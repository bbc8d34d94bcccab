"""config.json as a typed reader: a value of the type that was asked for, or None for unknown.

People and programs write anything under any key: lists, words, null, objects, NaN. Everything that is read
from a config.json is read with these functions, so that no shape of it raises.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Config = Mapping[str, Any]

# What is larger is no size of anything, and may not survive arithmetic in floating point.
LARGEST = 1 << 53
LONGEST_WORD = 32


def integer(config: Config, *keys: str) -> int | None:
    """The first of the keys that holds a whole number of at least 0; "4096" counts as one."""
    return next((found for key in keys if (found := whole(config.get(key))) is not None), None)


def whole(value: object) -> int | None:
    """A value as a whole number of at least 0, else None."""
    found = number(value)
    return int(found) if found is not None and found >= 0 and found == int(found) else None


def number(value: object) -> float | None:
    """A value as a finite number of at most 2**53, else None."""
    if isinstance(value, str) and len(value) <= LONGEST_WORD:
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value if -LARGEST <= value <= LARGEST else None


def word(config: Config, *keys: str) -> str | None:
    """The first of the keys that holds text that is not empty."""
    return next((found for key in keys if isinstance(found := config.get(key), str) and found), None)


def truth(config: Config, key: str) -> bool | None:
    """Whether a key says true or false, None where it says neither."""
    found = config.get(key)
    return found if isinstance(found, bool) else None


def part(config: Config, *keys: str) -> Config:
    """The first of the keys that holds an object, else an empty one."""
    return next((found for key in keys if isinstance(found := config.get(key), Mapping)), {})


def entries(config: Config, *keys: str) -> list[Any]:
    """The first of the keys that holds a list that is not empty, else an empty one."""
    return next((found for key in keys if isinstance(found := config.get(key), list) and found), [])
