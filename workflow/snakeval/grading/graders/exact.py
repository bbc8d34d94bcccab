"""Normalised exact match, for multiple choice and short answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from snakeval.answers.extract import boxed
from snakeval.grading.graders import Answer, Outcome
from snakeval.grading.graders.latex import without_fonts

_CHOICE = re.compile(r"\(?\s*([A-Za-z])\s*(?:[).:]|\)\.)?")


def outcomes(answers: Iterable[Answer], *, ignore_case: bool = False) -> Iterator[Outcome]:
    """One outcome an answer, in order: the box's content, else the whole text, against the reference."""
    for answer in answers:
        box = boxed(answer.text)
        extracted = answer.text.strip() if box is None else box
        same = _normalised(extracted, ignore_case) == _normalised(answer.reference, ignore_case)
        yield Outcome("correct" if same else "incorrect", extracted, "whole" if box is None else "boxed")


def _normalised(text: str, ignore_case: bool) -> str:
    """Single spaces, no fonts (`\\\\text{B}`); a lone choice letter without what stands around it."""
    text = " ".join(without_fonts(text).split())
    if choice := _CHOICE.fullmatch(text):
        text = choice[1]
    return text.casefold() if ignore_case else text
