"""Find the program in a model's answer, and make it whole with what its prompt gave.

A chat model repeats the function in a fenced block, or several; a base model goes on where the prompt ended.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from snakeval.answers.fences import CPP, PYTHON, Block, before_fence, between_marks, blocks, fenced, outside
from snakeval.answers.python_source import (
    defined,
    fault,
    is_one_line,
    is_stub,
    joined,
    parses,
    rank,
    with_helpers,
)

__all__ = ["CPP", "PYTHON", "Found", "Language", "Program", "fenced", "python_function", "whole_program"]

Found = Literal["block", "definition", "completion"]
Language = Literal["python", "cpp"]

_INCLUDE = re.compile(r"^[ \t]*#[ \t]*include[ \t]*[<\"]", re.MULTILINE)
_MAIN = re.compile(r"\bmain[ \t]{0,9}\([^(){}]{0,200}\)\s{0,99}(?:->\s{0,9}\w{1,20}\s{0,99})?\{")
_HEADER_LINE = re.compile(r"\s*+(?:#.*|using\b.*;|//.*)?\s*+")
_RETURNS = re.compile(r"^[ \t]*(?:return|yield|raise)\b", re.MULTILINE)
# To find out where a program ends: how often a text is tried to be read, and how many times its length.
MOST_TRIALS, MOST_READ = 200, 20
_MOST_BLOCKS = 50  # of an answer's last blocks, among which its program is looked for


@dataclass(frozen=True, slots=True)
class Program:
    """Source code and how it was found."""

    source: str
    found: Found
    language: Language = "python"


def python_function(text: str, entry_point: str, prompt: str = "") -> Program | None:
    """The program that an answer gives for the function `entry_point`, None where there is none.

    `[BEGIN]` and `[DONE]` around a solution (MBPP's few-shot form) are cut away with all outside them. Of the
    fenced blocks the last one that defines the function and can be parsed counts, else the last that defines
    it; an example of its use that follows has no definition. What it needs of earlier blocks, imports and
    helpers, goes before it. A block without the definition that returns something is taken for the
    function's body. Else the text outside of the blocks is searched for the definition, and prose around it
    is left out; failing that, the text is what follows the prompt.

    What the prompt holds before the function (imports, helpers) goes before a definition, which may
    not repeat it.
    """
    text = between_marks(text)
    found = [block for block in blocks(text) if block.language in PYTHON]
    context = _context(prompt, entry_point)
    if (source := _defining(found, entry_point, context)) is not None:
        return Program(joined(context, source), "block")
    bodies = [block.source for block in found if prompt and _RETURNS.search(block.source)]
    if body := next((body for block in reversed(bodies) if (body := _completed(prompt, block))), None):
        return Program(body, "completion")
    rest = before_fence(outside(text, found))
    if prompt and _is_indented(rest):  # it goes on in the function that the prompt began
        return _continued(prompt, rest)
    if _defines(rest, entry_point):
        return Program(joined(context, _without_prose(rest, entry_point)), "definition")
    if prompt:
        return None if found else _continued(prompt, rest)
    # no prompt to complete: a program whose function is made otherwise, or is missing
    others = [block.source for block in found if _rank(block) > 1]
    return Program(others[-1], "block") if others else None


def _defining(found: list[Block], entry_point: str, context: str) -> str | None:
    """The block that counts, with its helpers."""
    ranks = [_definition_rank(block.source, entry_point) for block in found]
    best = max(ranks, default=0)
    if best == 0:
        return None
    number = len(ranks) - 1 - ranks[::-1].index(best)
    source = found[number].source
    return with_helpers(source, [block.source for block in found[:number]], defined(context))


def _definition_rank(source: str, entry_point: str) -> int:
    """3 for a definition, 2 for one that can't be read, 1 for one without a body, 0 for none."""
    if not _defines(source, entry_point):
        return 0
    if not parses(source):
        return 2
    return 1 if is_stub(source, entry_point) else 3


def whole_program(text: str, languages: Sequence[Language]) -> Program | None:
    """A program by itself in one of the languages: of its fenced blocks the last that is most of a program.

    A block that reads and writes is more of one than a snippet, and a sample output or `O(n)` without a
    language is none (see `python_source.rank`); C++ needs a `main`, or at least more than an `#include`. A
    block without a language is taken for C++ where it includes something or has a `main`. Python gets what
    it needs of earlier blocks. Without a fence the whole text may be a program.
    """
    text = between_marks(text)
    found = blocks(text)[-_MOST_BLOCKS:]
    best: dict[Language, tuple[int, int, Program]] = {}
    for number, block in enumerate(found):
        ranked = _ranked(block, found[:number], languages)
        if ranked is not None and ranked[0] >= best.get(ranked[1].language, ranked)[0]:
            best[ranked[1].language] = (ranked[0], number, ranked[1])
    if best:
        said = {name: entry for name, entry in best.items() if entry[0] > 1 or found[entry[1]].language}
        return max((said or best).values(), key=lambda entry: entry[1])[2]
    text = before_fence(outside(text, found))
    start = text.find("#include") if "cpp" in languages else -1
    if start >= 0 and _MAIN.search(text, start):
        return Program(text[start:], "definition", "cpp")
    is_python = "python" in languages and rank(text, labelled=False, closed=False) > 2 and parses(text)
    return Program(text, "definition") if is_python else None


def _ranked(block: Block, earlier: list[Block], languages: Sequence[Language]) -> tuple[int, Program] | None:
    """How much of a program a block is, and the program; None where it is none in these languages."""
    cpp = block.language in CPP or (not block.language and _looks_like_cpp(block.source))
    if cpp and "cpp" in languages and _looks_like_cpp(block.source):
        degree = (4 if block.closed else 2) if _MAIN.search(block.source) else 1
        if degree == 1 and all(map(_HEADER_LINE.fullmatch, block.source.split("\n"))):
            return None
        return degree, Program(_headers(block.source, earlier) + block.source, "block", "cpp")
    if cpp or "python" not in languages or block.language not in PYTHON:
        return None
    before = [each.source for each in earlier if each.language in PYTHON]
    source = with_helpers(block.source, before)
    degree = rank(source, labelled=bool(block.language), closed=block.closed)
    if degree == 3 and is_one_line(block.source):  # with its helpers it is a use of them, not the program
        degree = 2
    return (degree, Program(source, "block")) if degree > 0 else None


def _looks_like_cpp(source: str) -> bool:
    return _INCLUDE.search(source) is not None or _MAIN.search(source) is not None


def _headers(source: str, earlier: list[Block]) -> str:
    """Blocks of nothing but `#include` and `using` that stand before C++ which includes nothing."""
    if _INCLUDE.search(source):
        return ""
    blocks_before = [block.source for block in earlier if block.language in CPP | {""}]
    return "".join(
        block if block.endswith("\n") else block + "\n"
        for block in blocks_before
        if _INCLUDE.search(block) and all(map(_HEADER_LINE.fullmatch, block.split("\n")))
    )


def _rank(block: Block) -> int:
    return rank(block.source, labelled=bool(block.language), closed=block.closed)


def _defines(source: str, entry_point: str) -> bool:
    name = re.escape(entry_point)
    pattern = rf"^(?:async[ \t]+def|def|class)[ \t]+{name}\b|^{name}[ \t]*(?::[^=\n]*)?=(?!=)"
    return re.search(pattern, source, re.MULTILINE) is not None


def _is_indented(text: str) -> bool:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return first[:1].isspace()


def _context(prompt: str, entry_point: str) -> str:
    """The prompt's imports and helpers, which stand before its function."""
    start = re.search(rf"^(?:async\s+)?def\s+{re.escape(entry_point)}\b", prompt, re.MULTILINE)
    before = prompt[: start.start()] if start else ""
    return before if before.strip() and parses(before) else ""


def _without_prose(text: str, entry_point: str) -> str:
    """The longest run of lines that can be parsed, from the first line of code on."""
    if parses(text):
        return text
    lines = text.splitlines(keepends=True)
    code = re.compile(r"(?:import|from|def|class|async|@)\b|@")
    starts = [index for index, line in enumerate(lines) if code.match(line)]
    first = next(index for index, line in enumerate(lines) if _defines(line, entry_point))
    trials = _Trials(MOST_TRIALS, MOST_READ * len(text))
    for start in [*(index for index in starts if index <= first), first]:
        if (end := _longest(lines, start, first, trials)) is not None:
            return "".join(lines[start:end])
    return text


@dataclass(slots=True)
class _Trials:
    """How many more programs may be tried to be read, and how many characters of them."""

    left: int
    characters: int

    def fault(self, source: str) -> int | None:
        """`python_source.fault`, counted."""
        self.left -= 1
        self.characters -= len(source)
        return fault(source)


def _longest(lines: Sequence[str], start: int, first: int, trials: _Trials) -> int | None:
    """The line to end at so that the definition at `first` is in it and all can be read."""
    end = len(lines)
    while end > first + 1 and trials.left > 0 and trials.characters > 0:
        at = trials.fault("".join(lines[start:end]))
        if at is None:
            return end
        end = min(end - 1, start + at - 1)
    return None


def _completed(prompt: str, block: str) -> str | None:
    """The prompt with a block as its function's body, indented where the block is not."""
    indented = "".join(f"    {line}" if line.strip() else line for line in block.splitlines(keepends=True))
    return next((prompt + body for body in (block, indented) if parses(prompt + body)), None)


def _continued(prompt: str, text: str) -> Program | None:
    """The prompt and what a base model wrote after it, as it is; None for prose."""
    if parses(prompt + text):
        return Program(prompt + text, "completion")
    if parses(prompt + "    " + text.lstrip()):  # a server may have cut the leading spaces
        return Program(prompt + "    " + text.lstrip(), "completion")
    return Program(prompt + text, "completion") if text[:1].isspace() else None
