"""Prompt templates: Jinja files in which every field must have a value."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import jinja2
import jinja2.meta
from jinja2.sandbox import ImmutableSandboxedEnvironment


class PromptError(ValueError):
    """A template can't be read or rendered; the message names the file and the field."""


def _present(value: object) -> object:
    if value is None:
        raise jinja2.UndefinedError("a field without a value (null)")
    return value


# Of all loops of one prompt over numbers together; and characters of what a template multiplies.
MOST_STEPS = 100_000


class _Steps:
    """How often the loops of the prompt that is being rendered may still go round."""

    left = MOST_STEPS


def _counted(*limits: int) -> Iterator[int]:
    for number in range(*limits):
        _Steps.left -= 1
        if _Steps.left < 0:
            raise jinja2.TemplateRuntimeError(f"its loops go round more than {MOST_STEPS} times")
        yield number


def _size(operator: str, left: Any, right: Any) -> int:
    """About how many characters a product or a power has."""
    if operator == "**":
        return len(str(left)) * (abs(right) if isinstance(right, int) else 1)
    for one, other in ((left, right), (right, left)):
        if isinstance(one, str | list | tuple):
            return len(one) * (other if isinstance(other, int) else 1)
    return len(str(left)) + len(str(right))


class _Template(jinja2.Template):
    def render(self, *values: Any, **more: Any) -> str:
        _Steps.left = MOST_STEPS
        return super().render(*values, **more)


class _Environment(ImmutableSandboxedEnvironment):
    """Templates that don't go on for ever; there is no loader, so that they read no other file."""

    template_class = _Template
    intercepted_binops = frozenset({"*", "**"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """A product or a power, unless it is too large to be meant."""
        if _size(operator, left, right) > MOST_STEPS:
            raise jinja2.TemplateRuntimeError(f"the result of '{operator}' is too large")
        return super().call_binop(context, operator, left, right)


# A null would otherwise stand in the prompt as the word "None".
ENVIRONMENT = _Environment(
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=False,
    autoescape=False,
    finalize=_present,
)


ENVIRONMENT.globals["range"] = _counted
del ENVIRONMENT.globals["lipsum"]  # it draws lots


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
