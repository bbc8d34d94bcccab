"""Jinja templates that neither go on for ever nor fill the memory, whatever they loop over, call or double.

A rendering has a number of steps (rounds of loops, calls) and of characters that it may put out. No text that
is made on the way may be longer than these either, and each is measured before it is made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from types import GeneratorType
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.sandbox import ImmutableSandboxedEnvironment

# Of all loops and calls of one prompt together; and characters of what a template multiplies, or pads to.
MOST_STEPS = 100_000
MOST_CHARACTERS = 10_000_000
PADDING = frozenset({"center", "expandtabs", "indent", "ljust", "rjust", "wordwrap", "zfill"})
# A width of six digits, or one that a value sets.
_wide = re.compile(r"\d{6}|%[^a-zA-Z%]*\*|:[^{}]*\{").search


class _Left:
    """What the prompt that is being rendered may still take."""

    steps = MOST_STEPS
    characters = MOST_CHARACTERS


def _step() -> None:
    _Left.steps -= 1
    if _Left.steps < 0:
        raise jinja2.TemplateRuntimeError(f"its loops go round more than {MOST_STEPS} times")


def _long(characters: int) -> None:
    if characters > MOST_CHARACTERS:
        raise jinja2.TemplateRuntimeError(f"it makes a text of more than {MOST_CHARACTERS} characters")


def _length(value: object) -> int:
    """About how many characters a value has as text; no more of it is looked at than may be too many."""
    found, open_values = 0, [value]
    while open_values and found <= MOST_CHARACTERS:
        each = open_values.pop()
        found += len(each) if isinstance(each, str) else 1
        if isinstance(each, list | tuple | dict):
            open_values += each.values() if isinstance(each, dict) else each
    return found


def _present(value: object) -> object:
    if value is None:
        raise jinja2.UndefinedError("a field without a value (null)")
    _Left.characters -= _length(value)
    _long(MOST_CHARACTERS - _Left.characters)
    return value


def _numbers(*limits: int) -> Iterator[int]:
    for number in range(*limits):
        _step()
        yield number


def _counted(values: Iterable[Any]) -> Iterator[Any]:
    if isinstance(values, GeneratorType):  # numbers, which are counted as they come
        yield from values
        return
    for value in values:
        _step()
        yield value


def _size(operator: str, left: Any, right: Any) -> int:
    """About how many characters a product or a power has."""
    if operator == "**":
        return len(str(left)) * (abs(right) if isinstance(right, int) else 1)
    for one, other in ((left, right), (right, left)):
        if isinstance(one, str | list | tuple):
            return len(one) * (other if isinstance(other, int) else 1)
    return len(str(left)) + len(str(right))


def _measure(name: str, values: tuple[Any, ...]) -> None:
    """Refuse a call, or a filter, that would make too much of its `values`, the text first."""
    name, texts = name.removeprefix("do_"), [value for value in values if isinstance(value, str)]
    if name in PADDING and any(isinstance(value, int) and value > MOST_STEPS for value in values):
        raise jinja2.TemplateRuntimeError(f"'{name}' is to make a text of more than {MOST_STEPS} characters")
    if name in ("format", "format_map") and texts and _wide(texts[0]):
        raise jinja2.TemplateRuntimeError("a format's width is too large, or set by a value")
    if name == "replace" and len(texts) > 2:
        _long(texts[0].count(texts[1]) * len(texts[2]))
    if name == "join" and texts:
        _long(max(len(value) for value in values if isinstance(value, list | tuple | str)) * len(texts[-1]))
    _long(max(map(_length, values), default=0))


def _bounded(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def bounded(*given: Any, **named: Any) -> Any:
        values = [list(value) if isinstance(value, GeneratorType) else value for value in given]
        _measure(function.__name__, (*values, *named.values()))
        result = function(*values, **named)
        _long(len(result) if isinstance(result, str) else 0)
        return result

    return bounded


class _Template(jinja2.Template):
    def render(self, *values: Any, **more: Any) -> str:
        _Left.steps, _Left.characters = MOST_STEPS, MOST_CHARACTERS
        return super().render(*values, **more)


class _Generator(CodeGenerator):
    """Has texts that are joined by `~` measured, which no other hook sees."""

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:
        self.write("environment.joined((")
        for each in node.nodes:
            self.visit(each, frame)
            self.write(", ")
        self.write("))")


class _Environment(ImmutableSandboxedEnvironment):
    """There is no loader, so that templates read no other file."""

    template_class = _Template
    code_generator_class = _Generator
    intercepted_binops = frozenset({"*", "**", "+", "%"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """A sum, a product, a power or a format, unless it is too large to be meant."""
        if operator == "%":
            _measure("format", (left,))
        elif operator == "+":
            _long(_length((left, right)))
        elif _size(operator, left, right) > MOST_STEPS:
            raise jinja2.TemplateRuntimeError(f"the result of '{operator}' is too large")
        return super().call_binop(context, operator, left, right)

    def call(self, context: Any, called: Any, *values: Any, **named: Any) -> Any:
        """A call, which is a step: a macro, or a method of a text."""
        _step()
        whole = getattr(called, "__wrapped__", called)
        text = getattr(whole, "__self__", None)
        if isinstance(text, str):
            _measure(whole.__name__, (text, *values, *named.values()))
        result = super().call(context, called, *values, **named)
        _long(len(result) if isinstance(result, str) else 0)
        return result

    def joined(self, values: tuple[Any, ...]) -> str:
        """What stands on the two sides of `~`, together."""
        _long(_length(values))
        return "".join(map(str, values))

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for loop in list(tree.find_all(nodes.For)):
            loop.iter = nodes.Filter(loop.iter, "counted", [], [], None, None, lineno=loop.lineno)
        return tree


# A null would otherwise stand in the prompt as the word "None".
ENVIRONMENT = _Environment(
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=False,
    autoescape=False,
    finalize=_present,
)
ENVIRONMENT.globals["range"] = _numbers
del ENVIRONMENT.globals["lipsum"]  # it draws lots
ENVIRONMENT.filters = {name: _bounded(each) for name, each in ENVIRONMENT.filters.items()}
ENVIRONMENT.filters["counted"] = _counted
