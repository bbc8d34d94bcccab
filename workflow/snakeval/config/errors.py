"""What is wrong with a configuration, gathered so that it is reported at once."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import ParamSpec, TypeVar

from snakeval.schema.values import Wrong

NAMES_SHOWN = 12
P = ParamSpec("P")
T = TypeVar("T")


def as_far_as_right(check: Callable[P, T]) -> Callable[P, T | None]:
    """Have a check end where it reads a value that is wrong, and noted: what follows from it is not known."""

    @wraps(check)
    def checked(*args: P.args, **kwargs: P.kwargs) -> T | None:
        try:
            return check(*args, **kwargs)
        except Wrong:
            return None

    return checked


@dataclass(frozen=True, slots=True, order=True)
class ConfigProblem:
    """One mistake: the file it is in, the key there ("" for the file as a whole), what would be right."""

    file: str
    key: str
    message: str

    def __str__(self) -> str:
        words = ": ".join(part for part in (self.file, self.key, self.message) if part)
        return " ".join(words.splitlines())


class ConfigError(ValueError):
    """A configuration that can't be run. `problems` has all of its mistakes, str() one a line."""

    def __init__(self, problems: Iterable[ConfigProblem]) -> None:
        self.problems = tuple(problems)
        count = "one problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        super().__init__("\n  ".join([f"the configuration has {count}:", *map(str, self.problems)]))


@dataclass(slots=True)
class Report:
    """The mistakes and warnings found so far, in the order in which they were found."""

    problems: dict[ConfigProblem, None] = field(default_factory=dict)
    warnings: dict[str, None] = field(default_factory=dict)

    def add(self, file: str, key: str, message: str) -> None:
        """Note a mistake; the same one found twice is reported once."""
        self.problems[ConfigProblem(file, key, message)] = None

    def warn(self, file: str, key: str, message: str) -> None:
        """Note something that runs, but probably not as meant."""
        self.warnings[str(ConfigProblem(file, key, message))] = None

    @contextmanager
    def checked(self) -> Iterator[None]:
        """Raise ConfigError after the block, or after what is wrong has ended it, if there is a mistake."""
        try:
            yield
        except Wrong:
            if not self.problems:
                raise
        if self.problems:
            raise ConfigError(self.problems)


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """Return "; did you mean 'x'?" for the word that is spelt most alike, "" where none is."""
    # Compared in lower case: a wrong capital is no distance.
    spelt = {known.lower(): known for known in words}
    close = difflib.get_close_matches(word.lower(), spelt, n=1, cutoff=0.6)
    return f"; did you mean '{spelt[close[0]]}'?" if close else ""


def listed(words: Iterable[str]) -> str:
    """Return the first names of a list, and how many more there are; "none" for an empty one."""
    names = list(words)
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return f"{', '.join(names[:NAMES_SHOWN])}{more}" if names else "none"
