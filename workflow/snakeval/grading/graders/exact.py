"""Normalised exact match, for multiple choice and short answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from snakeval.answers.boxes import last_box
from snakeval.answers.choices import LETTERS, choice
from snakeval.answers.extract import How
from snakeval.answers.markup import in_json, plain, tagged
from snakeval.grading.graders import Answer, Outcome
from snakeval.grading.graders.latex import without_fonts

_LETTER = re.compile(r"\(?\s*([A-Za-z])\s*(?:[).:]|\)\.)?")


def outcomes(answers: Iterable[Answer], *, ignore_case: bool = False) -> Iterator[Outcome]:
    """One outcome an answer, in order: what its tag, box or JSON holds, else all, against the reference.

    Where the reference is the letter of an option, A to J, what counts is the letter that the answer picks
    (see `answers.choices`); one that picks none is `unextracted`, and so is an empty or unclosed box.
    """
    for answer in answers:
        reference = _normalised(answer.reference)
        is_letter = len(reference) == 1 and reference.upper() in LETTERS
        extracted, how = _found(answer.text)
        if is_letter:
            extracted = choice(answer.text) or ""
        if extracted:
            same = _folded(_normalised(extracted), ignore_case) == _folded(reference, ignore_case)
            yield Outcome("correct" if same else "incorrect", extracted, how)
        else:
            yield Outcome("unextracted", None)


def _found(text: str) -> tuple[str, How]:
    tag, box = tagged(text), last_box(text)
    if tag is not None and max(text.rfind("boxed"), text.rfind("fbox")) < tag[0]:
        return plain(tag[1]), "marked"
    if box is not None:
        return box, "boxed"
    value = in_json(text)
    return (plain(text), "whole") if value is None else (value, "marked")


def _folded(text: str, ignore_case: bool) -> str:
    return text.casefold() if ignore_case else text


def _normalised(text: str) -> str:
    """Single spaces, no fonts (`\\\\text{B}`); a lone letter without what stands around it."""
    text = " ".join(without_fonts(text).split())
    return letter[1] if (letter := _LETTER.fullmatch(text)) else text
