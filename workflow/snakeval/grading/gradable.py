"""What of a generation there is to grade, and what a verdict is worth."""

from __future__ import annotations

from dataclasses import dataclass

from snakeval.answers.finish import ending, withheld
from snakeval.answers.reasoning import split, unclosed_at_server
from snakeval.schema import Reasoning
from snakeval.types import COMPLETION, Generation, Verdict

# Noted of a file of grades: samples whose reasoning had marks that are not known to be their model's.
FOREIGN = "foreign_reasoning"
ALL_REASONING = (
    "the server put the whole text into its reasoning field: does its reasoning parser fit the model?"
)


@dataclass(frozen=True, slots=True)
class Gradable:
    """What there is to grade: exactly one of `verdict`, which stands already, and the answer's text is None.

    `foreign`: the reasoning had marks that are not known to be the model's. `detail` says what is odd.
    """

    verdict: Verdict | None
    text: str | None
    foreign: bool = False
    detail: str | None = None


def gradable(generation: Generation, reasoning: Reasoning) -> Gradable:
    """The verdict that stands before any grader has looked, or else the answer's text.

    `infrastructure_failed` for a sample that could not be had or whose server gave up on it, `filtered` where
    a filter withheld it, `empty` where nothing is left to grade, `unclosed` where the reasoning never ended.
    """
    if withheld(generation.finish_reason, generation.error):
        return Gradable("filtered", None)
    if generation.error is not None or ending(generation.finish_reason) == "failed":
        return Gradable("infrastructure_failed", None)
    text = generation.text or ""
    if unclosed_at_server(text, generation.reasoning, generation.finish_reason):
        return Gradable("unclosed", None)
    if not text.strip():
        return Gradable("empty", None, detail=ALL_REASONING if (generation.reasoning or "").strip() else None)
    chat = all(message["role"] != COMPLETION for message in generation.messages)
    found = split(text, reasoning, generation.reasoning, chat=chat)
    if found.answer is None:
        return Gradable("unclosed", None, found.foreign)
    return (
        Gradable(None, found.answer, found.foreign)
        if found.answer.strip()
        else Gradable("empty", None, found.foreign)
    )


def answer_of(generation: Generation, reasoning: Reasoning) -> tuple[Verdict | None, str | None]:
    """The verdict and the text of what `gradable` finds."""
    found = gradable(generation, reasoning)
    return found.verdict, found.text


def reward_of(verdict: Verdict) -> float | None:
    """1 for correct, None where nobody knows, else 0."""
    return None if verdict in ("infrastructure_failed", "judge_null") else float(verdict == "correct")
