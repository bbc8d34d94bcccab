"""No extractor takes more than linear time: ten times the text, less than fifteen times the CPU time."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest

from snakeval.answers import boxes, choices, clock, extract, fences, markup, members, numbers, programs, words
from snakeval.answers.quantities import quantity
from snakeval.answers.reasoning import split
from snakeval.answers.spelling import spelled
from snakeval.formats.arena_hard import markdown
from snakeval.generation.agents.turns import score_of
from snakeval.grading.graders import Answer, exact, latex
from snakeval.judging import verdicts
from snakeval.schema import Reasoning
from snakeval.statistics.style import style_of
from unit.answers.adversarial import FAMILIES, MOST_RATIO, growth

PROMPT = 'def f(x):\n    """Return x."""\n'
EXTRACTORS: dict[str, Callable[[str], object]] = {
    "split": lambda text: split(text, Reasoning()),
    "split, marks set by hand": lambda text: split(text, Reasoning(start="<a>", end="</a>", prefilled=True)),
    "extract": extract.extract,
    "strict": lambda text: extract.strict(text, ("hashes", "answer_is", "boxed")),
    "last_box": boxes.last_box,
    "last_box and what follows": lambda text: boxes.last_box(text, behind=True),
    "choice": choices.choice,
    "exact": lambda text: list(exact.outcomes([Answer("p", "A", text), Answer("p", "forty two", text)])),
    "fences": fences.blocks,
    "in_json": markup.in_json,
    "plain": markup.plain,
    "style_of": lambda text: style_of(text, 1.0),
    "markdown": markdown,
    "score_of": score_of,
    **{f"verdict, {name}": read for name, read in verdicts.CONVENTIONS.items()},
    "members": members.members,
    "quantity": lambda text: quantity(spelled(text)),
    "quantity as written": quantity,
    "is_prose": words.is_prose,
    "based": words.based,
    "read_number": numbers.read_number,
    "time_of_day": clock.time_of_day,
    "as_latex": latex.as_latex,
    "whole_formula": latex.whole_formula,
    "same_text": lambda text: latex.same_text(text, "x"),
}
# These have Python's own parser read the text, whose trees outgrow the caches of a processor.
PARSERS: dict[str, Callable[[str], object]] = {
    "python_function": lambda text: programs.python_function(text, "f", PROMPT),
    "python_function, no prompt": lambda text: programs.python_function(text, "f"),
    "whole_program": lambda text: programs.whole_program(text, ("python", "cpp")),
}
FEW = 2  # texts of a family, where there is much to try with each
PARSERS_RATIO = 2 * MOST_RATIO

# Modules whose expressions meet what a model or a judge wrote.
MODULES = (
    *("boxes", "choices", "clock", "evaluate", "extract", "fences", "kinds", "markup", "members", "mentions"),
    *("numbers", "programs", "python_source", "quantities", "reasoning", "spelling", "words"),
    *("characters", "inequalities", "introductions", "ratios", "units"),
)
OTHERS = (
    *(
        "grading.graders.equivalence",
        "grading.graders.exact",
        "grading.graders.latex",
        "grading.graders.prose",
        "grading.graders.cases",
        "grading.graders.verdict",
    ),
    *("grading.graders.expressions", "judging.verdicts", "statistics.style", "formats.arena_hard"),
    *("generation.agents.turns", "asking.failures", "asking.who", "arena.wordings"),
)
# Where an expression sees so many characters at most, by the name of the constant that says so.
BOUNDS = {
    "boxes._BETWEEN_BOXES": 60,
    "evaluate": 500,
    "extract._COMMANDS": 500,
    "extract._PROSE": 500,
    "numbers": 2_000,
}
METHODS = ("search", "match", "fullmatch", "findall", "finditer", "sub", "split")


def expressions() -> Iterator[tuple[str, re.Pattern[str], str]]:
    """(name, expression, how it is used) of the modules' compiled expressions."""
    names = [f"snakeval.answers.{name}" for name in MODULES] + [f"snakeval.{name}" for name in OTHERS]
    for module in map(importlib.import_module, names):
        yield from _expressions(module)


def _expressions(module: ModuleType) -> Iterator[tuple[str, re.Pattern[str], str]]:
    source = inspect.getsource(module)
    for name, value in vars(module).items():
        for each in value if isinstance(value, tuple | list) else [value]:
            if not isinstance(each, re.Pattern):
                continue
            used = {method for method in METHODS if re.search(rf"\b{name}\.{method}\b", source)}
            for method in used or {"findall" if isinstance(value, tuple) else "fullmatch"}:
                yield f"{module.__name__.rpartition('.')[2]}.{name}", each, method


def apply(pattern: re.Pattern[str], method: str, bound: int | None) -> Callable[[str], object]:
    """What looks for an expression as its module does, in as much of a text as it sees there."""
    if method == "sub":
        return lambda text: pattern.sub("", text[:bound])
    look = pattern.findall if method == "finditer" else getattr(pattern, method)
    return lambda text: look(text[:bound])


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("name", EXTRACTORS)
def test_extractors(name: str, family: str) -> None:
    slow = {
        text(30): ratio
        for text in FAMILIES[family]
        if (ratio := growth(EXTRACTORS[name], text)) >= MOST_RATIO
    }
    assert not slow


@pytest.mark.parametrize("family", ["white space", "signs and fences", "words", "programs"])
@pytest.mark.parametrize("name", PARSERS)
def test_parsers(name: str, family: str) -> None:
    texts = FAMILIES[family][:FEW]
    slow = {text(30): ratio for text in texts if (ratio := growth(PARSERS[name], text)) >= PARSERS_RATIO}
    assert not slow


@pytest.mark.parametrize("family", FAMILIES)
def test_expressions(family: str) -> None:
    slow = {}
    for name, pattern, method in expressions():
        bound = BOUNDS.get(name, BOUNDS.get(name.partition(".")[0]))
        work = apply(pattern, method, bound)
        for text in FAMILIES[family][:FEW]:
            if (ratio := growth(work, text)) >= MOST_RATIO:
                slow[name, method, text(30)] = ratio
    assert not slow


def test_there_are_expressions() -> None:
    assert len({name for name, *_ in expressions()}) > 120
