"""Find the program in a model's answer, and make it whole with what its prompt gave.

A chat model repeats the function in a fenced block, or several; a base model goes on where the prompt ended.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Found = Literal["block", "definition", "completion"]
Language = Literal["python", "cpp"]

_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[ \t]*([^\s`{]*)[^\n`]*$", re.MULTILINE)
_CPP_PROGRAM = re.compile(r"^\s*#\s*include\b|\bmain\s*\(.*\)\s*\{", re.MULTILINE)
_BEGIN, _DONE = "[BEGIN]", "[DONE]"
PYTHON = frozenset({"", "python", "py", "python3", "py3", "pypy", "pypy3"})
CPP = frozenset({"cpp", "c++", "cxx", "cc", "c"})


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
    it; an example of its use that follows has no definition. A block without the definition is taken for the
    function's body. Without any fence the text itself is searched for the definition, and prose around it is
    left out; failing that, the text is what follows the prompt.

    What the prompt holds before the function (imports, helpers) goes before a definition, which may
    not repeat it.
    """
    text = _between_marks(text)
    blocks = fenced(text, PYTHON)
    if defining := [block for block in blocks if _defines(block, entry_point)]:
        whole = [block for block in defining if _parses(block)]
        return Program(_context(prompt, entry_point) + (whole or defining)[-1], "block")
    if blocks and prompt:
        if body := next((body for block in reversed(blocks) if (body := _completed(prompt, block))), None):
            return Program(body, "completion")
        return None
    if blocks:  # no prompt to complete: a program whose function is made otherwise, or is missing
        return Program(blocks[-1], "block")
    text = _cut_at_fence(text)
    if prompt and _is_indented(text):  # it goes on in the function that the prompt began
        return _continued(prompt, text)
    if _defines(text, entry_point):
        return Program(_context(prompt, entry_point) + _without_prose(text, entry_point), "definition")
    return _continued(prompt, text) if prompt else None


def whole_program(text: str, languages: Sequence[Language]) -> Program | None:
    """A program by itself in one of the languages: the last fenced block that can be one, else unfenced C++.

    A block without a language is taken for C++ where it includes something. A C++ block must hold `main` or
    an `#include`, so that a snippet which explains the program is not taken for it.
    """
    text = _between_marks(text)
    found: list[tuple[int, Program]] = []
    for language in languages:
        blocks = fenced(text, CPP | {""} if language == "cpp" else PYTHON)
        wanted = [
            block for block in blocks if (language == "cpp") == (_CPP_PROGRAM.search(block) is not None)
        ]
        found += [(text.rindex(block), Program(block, "block", language)) for block in wanted[-1:]]
    if found:
        return max(found, key=lambda entry: entry[0])[1]
    start = text.find("#include") if "cpp" in languages else -1
    return Program(_cut_at_fence(text[start:]), "definition", "cpp") if start >= 0 else None


def fenced(text: str, languages: frozenset[str]) -> list[str]:
    """The contents of Markdown's fenced blocks in these languages; a last one may stay open."""
    blocks: list[str] = []
    opening: re.Match[str] | None = None
    for fence in _FENCE.finditer(text):
        if opening is None:
            opening = fence
        elif fence[1].startswith(opening[1]) and not fence[2]:
            _add(blocks, text[opening.end() : fence.start()], opening[2], languages)
            opening = None
        elif fence[2] and fence[1][0] == opening[1][0]:  # the one before was never closed
            _add(blocks, text[opening.end() : fence.start()], opening[2], languages)
            opening = fence
    if opening is not None and (opening[2] or not text[: opening.start()].strip()):
        _add(blocks, text[opening.end() :], opening[2], languages)
    return blocks


def _add(blocks: list[str], content: str, language: str, languages: frozenset[str]) -> None:
    if language.lower() in languages and content.strip():
        blocks.append(content.removeprefix("\n"))


def _between_marks(text: str) -> str:
    if _DONE in text:
        text = text[: text.index(_DONE)]
    return text.rpartition(_BEGIN)[2]


def _cut_at_fence(text: str) -> str:
    """A text up to the fence that closes a block which its prompt had opened."""
    fence = _FENCE.search(text)
    return text[: fence.start()] if fence else text


def _defines(source: str, entry_point: str) -> bool:
    name = re.escape(entry_point)
    return re.search(rf"^(?:async\s+def|def|class)\s+{name}\b|^{name}\s*=", source, re.MULTILINE) is not None


def _is_indented(text: str) -> bool:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return first[:1].isspace()


def _fault(source: str) -> int | None:
    """The line, counted from 1, at which a program can't be read; None where it can."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "program", "exec", dont_inherit=True)
    except SyntaxError as error:
        return error.lineno or 1
    except (ValueError, RecursionError, MemoryError):
        return 1
    return None


def _parses(source: str) -> bool:
    return _fault(source) is None


def _context(prompt: str, entry_point: str) -> str:
    """The prompt's imports and helpers, which stand before its function."""
    start = re.search(rf"^(?:async\s+)?def\s+{re.escape(entry_point)}\b", prompt, re.MULTILINE)
    before = prompt[: start.start()] if start else ""
    return before if before.strip() and _parses(before) else ""


def _without_prose(text: str, entry_point: str) -> str:
    """The longest run of lines that can be parsed, from the first line of code on."""
    if _parses(text):
        return text
    lines = text.splitlines(keepends=True)
    code = re.compile(r"(?:import|from|def|class|async|@)\b|@")
    starts = [index for index, line in enumerate(lines) if code.match(line)]
    defined = re.compile(
        rf"(?:async\s+def|def|class)\s+{re.escape(entry_point)}\b|{re.escape(entry_point)}\s*="
    )
    first = next(index for index, line in enumerate(lines) if defined.match(line))
    for start in [*(index for index in starts if index <= first), first]:
        if (end := _longest(lines, start, first)) is not None:
            return "".join(lines[start:end])
    return text


def _longest(lines: Sequence[str], start: int, first: int) -> int | None:
    """The line to end at so that the definition at `first` is in it and all can be read."""
    end = len(lines)
    while end > first + 1:
        fault = _fault("".join(lines[start:end]))
        if fault is None:
            return end
        end = min(end - 1, start + fault - 1)
    return None


def _completed(prompt: str, block: str) -> str | None:
    """The prompt with a block as its function's body, indented where the block is not."""
    indented = "".join(f"    {line}" if line.strip() else line for line in block.splitlines(keepends=True))
    return next((prompt + body for body in (block, indented) if _parses(prompt + body)), None)


def _continued(prompt: str, text: str) -> Program | None:
    """The prompt and what a base model wrote after it, as it is; None for prose."""
    if _parses(prompt + text):
        return Program(prompt + text, "completion")
    if _parses(prompt + "    " + text.lstrip()):  # a server may have cut the leading spaces
        return Program(prompt + "    " + text.lstrip(), "completion")
    return Program(prompt + text, "completion") if text[:1].isspace() else None
