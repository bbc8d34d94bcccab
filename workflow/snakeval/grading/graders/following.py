"""Which of a prompt's instructions does an answer follow? What IFEval and IFBench have in common."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from snakeval.grading.graders import Answer, Outcome

Check = Callable[[str], bool]


class InstructionError(ValueError):
    """A problem's instructions can't be checked; the message names the problem and the column."""


def outcomes(
    answers: Iterable[Answer], checks: Callable[[Answer, str, dict[str, Any]], Check], *, loose: bool = False
) -> Iterator[Outcome]:
    """One outcome an answer, in order: correct where all instructions are followed, `parts` one each.

    The problem's other columns must hold `instruction_id_list` and, in the same order, `kwargs`. Loosely, an
    instruction is followed if it is in the answer, the answer without its asterisks, its first line, its last
    line, or any of these together. Raises InstructionError for a problem without them, and what `checks`
    raises, which makes an instruction and its arguments a predicate of a text.
    """
    for answer in answers:
        texts = variants(answer.text) if loose else (answer.text,)
        predicates = [checks(answer, name, given) for name, given in _instructions(answer)]
        followed = [any(follows(text) for text in texts if text.strip()) for follows in predicates]
        parts = tuple(map(float, followed))
        yield Outcome("correct" if all(followed) else "incorrect", None, parts=parts)


def variants(text: str) -> tuple[str, ...]:
    """The eight readings of the loose metric: without first line, last line, both; each without asterisks."""
    lines = text.split("\n")
    cuts = [text, *("\n".join(lines[part]).strip() for part in (slice(1, None), slice(-1), slice(1, -1)))]
    return (*cuts, *(cut.replace("*", "") for cut in cuts))


def _instructions(answer: Answer) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and arguments of each instruction; an argument that the data leave empty is none."""
    columns = json.loads(answer.metadata)
    names, arguments = columns.get("instruction_id_list"), columns.get("kwargs")
    if not names or not isinstance(arguments, list) or len(names) != len(arguments):
        raise InstructionError(
            f"problem '{answer.problem_id}': the columns 'instruction_id_list' and 'kwargs' must be lists of "
            "one length"
        )
    for name, given in zip(names, arguments, strict=True):
        yield name, {key: value for key, value in (given or {}).items() if value is not None}
