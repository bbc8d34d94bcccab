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

from snakeval.answers.extract import ALTERNATIVE, How, extract
from snakeval.answers.members import members
from snakeval.answers.words import is_prose, is_words
from snakeval.grading.graders import Result, Task, leaves, two_stage
from snakeval.grading.graders.expressions import too_deep
from snakeval.grading.graders.latex import as_latex, same_text, whole_formula, without_delimiters
from snakeval.grading.graders.prose import formulas, has_formulas, is_part, is_qualified
from snakeval.grading.graders.verdict import same_answer

two_stage.install()
leaves.install()
logging.getLogger("math_verify").setLevel(logging.ERROR)  # it warns that its time limits are off

LONGEST = 4_000  # letters of an answer that is read as a formula; a longer one is compared as text
_SOMETHING = re.compile(r"\\[A-Za-z{]|[^\s$\\.,;:{}()\[\]~]")
_BOX = re.compile(r"\\(?:boxed|fbox)")
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
    if answer is None or (how != "searched" and not _SOMETHING.search(answer)):
        return Result("unextracted", None, None, textual)
    if how == "marked" and is_words(answer) and not textual:
        return Result("unextracted", None, None)
    if how != "searched" and len(answer) > LONGEST:
        return Result("incorrect", answer, how, textual)
    given = whole_formula(answer) if how == "searched" else answer
    if given and (formulas := _formulas(reference, given, how)):
        correct = same_answer(*formulas, task.numbers)
        return Result("correct" if correct else "incorrect", given, how, textual)
    return _by_search(reference, answer, how, gold, textual)


def _by_search(reference: str, answer: str, how: How, gold: list[Any], textual: bool) -> Result:
    """Compare with the last formula or number that math-verify finds in prose."""
    parsed = _parse(_searchable(answer, how))
    if not parsed:
        return Result("unextracted", None, None, textual)
    texts = [value for value in parsed if isinstance(value, str)]
    extracted = next(iter(texts), None) if how == "searched" else answer
    if textual:
        correct = any(same_text(reference, text) for text in texts)
    else:
        # An interval is right as an inequality, too.
        correct = bool(verify(gold, parsed, allow_set_relation_comp=True, timeout_seconds=None))
        correct = correct and (not texts or _is_all(reference, answer, texts[0]))
    return Result("correct" if correct else "incorrect", extracted, how, textual)


def _is_all(reference: str, answer: str, found: str) -> bool:
    """Whether what was found in prose is all that is said there, and not only a part of it."""
    gold = without_delimiters(reference).strip()
    if has_formulas(reference) and whole_formula(reference) is None:  # it is itself a formula in prose
        return True
    if is_qualified(answer, found):
        return False
    said = [] if is_prose(gold) or _BOX.search(gold) else list(formulas(answer, found))
    if said:
        return any(same_answer(gold, each) for each in said if len(each) <= LONGEST)
    return not is_part(answer, found, gold)


def _formulas(reference: str, answer: str, how: How) -> tuple[str, str] | None:
    """Both without delimiters, None where one is prose, of which a part would have to be picked."""
    if max(len(reference), len(answer)) > LONGEST:
        return None
    gold, given = without_delimiters(reference).strip(), without_delimiters(answer).strip()
    if is_prose(given) and how == "boxed" and (found := extract(answer)) and found.how == "marked":
        given = found.text
    unclear = _BOX.search(gold) or is_prose(gold) or (how == "marked" and is_prose(given))
    return None if unclear else (gold, given)


def _searchable(answer: str, how: How) -> str:
    if how == "searched":
        return _CALCULATOR_NOTES.sub("", answer).replace("\u2212", "-")
    return answer if how == "marked" else as_latex(without_delimiters(answer))


@lru_cache(maxsize=1024)
def _final_answer(reference: str) -> str:
    """The reference itself, or what its box holds or its marker names where it is a whole solution."""
    found = extract(reference)
    if found is None or not found.text or found.how not in ("boxed", "marked"):  # a cut box is read as it is
        return reference
    boxes = len(_BOX.findall(reference)) if found.how == "boxed" else 1
    return found.text if boxes == 1 or boxes == len(members(found.text).parts) else reference


@lru_cache(maxsize=1024)
def _gold(reference: str) -> list[Any]:
    """Parsed once a process for all samples of a problem."""
    return _parse(as_latex(reference)) or _parse(reference)


def _parse(text: str) -> list[Any]:
    return [] if too_deep(text) else list(parse(text, parsing_timeout=None))


def warm_up() -> None:
    """Fill the caches of the parser and of sympy, which costs the first comparisons half a second."""
    for reference, answer in _WARM_UP:
        compare(Task(reference, answer, "boxed"))
    compare(Task("12", "So 7 + 5 = $12$, which is 12 apples.", "searched"))
