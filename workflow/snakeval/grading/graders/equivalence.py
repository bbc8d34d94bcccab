"""Compare one answer with one golden answer by math-verify. Runs in the worker processes only.

math-verify's own time limits are off: they use SIGALRM, which neither interrupts C code nor works in
threads. The pool kills the process instead.
"""

from __future__ import annotations

import logging
import re
from functools import lru_cache
from typing import Any

from math_verify import parse, verify

from snakeval.answers.extract import ALTERNATIVE, How, extract, is_expression
from snakeval.grading.graders import Result, Task, two_stage
from snakeval.grading.graders.latex import as_latex, same_text, without_delimiters

two_stage.install()
logging.getLogger("math_verify").setLevel(logging.ERROR)  # it warns that its time limits are off

_CALCULATOR_NOTES = re.compile(r"<<[^<>]*>>")
_WARM_UP = (
    (r"\frac{1}{2}", r"\frac{2}{4}"),
    ("x^2+2x+1", "(x+1)^2"),
    (r"\sqrt{3}-1, \pi", r"-1+\sqrt{3}, 5"),
    (r"(-\infty, 8] \cup \{9\}", "x = 5"),
    (r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", r"74^\circ"),
)


def compare(task: Task) -> Result:
    """Whether the answer equals the reference, or one of several, by text or as an expression.

    Alternatives that can't be read are passed over; only where none can is the reference unreadable.
    """
    readable: Result | None = None
    for reference in task.reference.split(ALTERNATIVE):
        result = _compare(task._replace(reference=reference))
        if result.status == "correct":
            return result
        if readable is None or readable.status == "unreadable_reference":
            readable = result
    assert readable is not None, "a split text has a first part"
    return readable


def _compare(task: Task) -> Result:
    reference, answer, how = _final_answer(task.reference), task.answer, task.how
    if answer is not None and how != "searched" and same_text(reference, answer):
        return Result("correct", answer, how)
    gold = _gold(reference)
    if not gold:
        return Result("unreadable_reference", None, None)
    textual = all(isinstance(value, str) for value in gold)
    parsed = _parsed(answer, how) if answer is not None else []
    if not parsed:
        return Result("unextracted", None, None, textual)
    texts = [value for value in parsed if isinstance(value, str)]
    extracted = next(iter(texts), None) if how == "searched" else answer
    if textual:
        correct = any(same_text(reference, text) for text in texts)
    else:
        # An interval is right as an inequality, too.
        correct = bool(verify(gold, parsed, allow_set_relation_comp=True, timeout_seconds=None))
    return Result("correct" if correct else "incorrect", extracted, how, textual)


@lru_cache(maxsize=1024)
def _final_answer(reference: str) -> str:
    """The reference itself, or what its marker names where it is a whole solution, as GSM8K's are."""
    found = extract(reference)
    return found.text if found and found.how == "marked" else reference


@lru_cache(maxsize=1024)
def _gold(reference: str) -> list[Any]:
    """Parsed once a process for all samples of a problem."""
    return _parse(as_latex(reference)) or _parse(reference)


def _parsed(answer: str, how: How) -> list[Any]:
    if how == "searched":
        return _parse(_CALCULATOR_NOTES.sub("", answer))
    if how == "marked" and not is_expression(answer):
        return _parse(answer)
    return _parse(as_latex(without_delimiters(answer) if how == "boxed" else answer))


def _parse(text: str) -> list[Any]:
    return list(parse(text, parsing_timeout=None))


def warm_up() -> None:
    """Fill the caches of the parser and of sympy, which costs the first comparisons half a second."""
    for reference, answer in _WARM_UP:
        compare(Task(reference, answer, "boxed"))
    compare(Task("12", "So 7 + 5 = $12$, which is 12 apples.", "searched"))
