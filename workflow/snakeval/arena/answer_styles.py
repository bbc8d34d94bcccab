"""Generations of a model, or published answers -> the style of its answers, as a judge sees them."""

from __future__ import annotations

from pathlib import Path

from snakeval.formats.arena_hard import read_answers
from snakeval.grading.gradable import answer_of
from snakeval.schema import Reasoning
from snakeval.statistics.style import Style, style_of
from snakeval.system.tables import read_rows
from snakeval.types import Generation


def answer_styles(generations: Path, model: str, reasoning: Reasoning) -> dict[tuple[str, str], Style]:
    """Styles by question and model of the first samples; an answer that could not be had is missing.

    The server counts the tokens of reasoning and answer together: the answer's are taken to be its share of
    the characters, which is exact for a text without reasoning.
    """
    found = {}
    for row in read_rows(generations, Generation):
        verdict, answer = answer_of(row, reasoning)
        if row.sample_index == 0 and verdict not in ("infrastructure_failed", "filtered"):
            whole = len(row.text or "") + len(row.reasoning or "")
            share = len(answer or "") / whole if whole else 0.0
            found[row.problem_id, model] = style_of(answer or "", (row.completion_tokens or 0) * share)
    return found


def published_styles(answers: Path) -> dict[tuple[str, str], Style]:
    """Styles by question and model of a file of published answers named after its model.

    An answer whose tokens nobody has counted is missing.
    """
    return {
        (answer.question_id, answers.stem): style_of(answer.text, answer.tokens)
        for answer in read_answers(answers)
        if answer.tokens is not None
    }
