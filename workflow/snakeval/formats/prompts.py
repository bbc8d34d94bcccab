"""Prompt templates: Jinja files in which every field must have a value."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path

import jinja2
import jinja2.meta

from snakeval.formats.bounded import ENVIRONMENT


class PromptError(ValueError):
    """A template can't be read or rendered; the message names the file and the field."""


def fields_of(text: str) -> set[str]:
    """Return the names of the values that a template's text refers to. Raises TemplateSyntaxError."""
    return jinja2.meta.find_undeclared_variables(ENVIRONMENT.parse(text))


def nearest(name: str, names: Iterable[str]) -> str:
    """Return " (did you mean 'x'?)" for the closest of the names, or nothing."""
    close = difflib.get_close_matches(name, list(names), n=1, cutoff=0.6)
    return f" (did you mean '{close[0]}'?)" if close else ""


class Prompt:
    """A template file, read and compiled once. Raises PromptError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            text = path.read_text(encoding="utf-8")
            self.fields = frozenset(fields_of(text))
            others = jinja2.meta.find_referenced_templates(ENVIRONMENT.parse(text))
            self.is_whole = next(others, text) is text  # includes, imports and extends no other
            self._template = ENVIRONMENT.from_string(text)
        except (OSError, UnicodeDecodeError) as error:
            raise PromptError(f"{path}: can't be read: {error}") from error
        except jinja2.TemplateSyntaxError as error:
            raise PromptError(f"{path}, line {error.lineno}: {error.message}") from error

    def render(self, values: Mapping[str, object]) -> str:
        """Fill in the values; one newline at the template's end is not part of the prompt.

        Raises PromptError naming the unknown field, its nearest spelling and the fields there are,
        or the field that is null.
        """
        try:
            return self._template.render(values)
        except jinja2.UndefinedError as error:
            raise PromptError(f"{self.path}: {self._explain(error, values)}") from error
        except (RecursionError, MemoryError):
            raise PromptError(f"{self.path}: a macro or a loop calls itself without an end") from None
        except (jinja2.TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
            raise PromptError(f"{self.path}: {error}") from error

    def _explain(self, error: jinja2.UndefinedError, values: Mapping[str, object]) -> str:
        available = f"; available: {', '.join(sorted(values))}"
        if unknown := sorted(self.fields - values.keys()):
            named = ", ".join(f"'{name}'{nearest(name, values)}" for name in unknown)
            return f"no field {named}{available}"
        if empty := sorted(name for name in self.fields if values[name] is None):
            return f"field {', '.join(map(repr, empty))} has no value (null)"
        return f"{error.message}{available}"
