"""What of a generation there is to grade, and what a verdict is worth."""

from __future__ import annotations

from snakeval.answers.finish import ending, withheld
from snakeval.answers.reasoning import separate, unclosed_at_server
from snakeval.schema import Reasoning
from snakeval.types import Generation, Verdict


def answer_of(generation: Generation, reasoning: Reasoning) -> tuple[Verdict | None, str | None]:
    """The verdict that stands before any grader has looked, or else the answer's text.

    `infrastructure_failed` for a sample that could not be had or whose server gave up on it, `filtered` where
    a filter withheld it, `empty` where nothing is left to grade, `unclosed` where the reasoning never ended.
    Exactly one of the two is None.
    """
    if withheld(generation.finish_reason, generation.error):
        return "filtered", None
    if generation.error is not None or ending(generation.finish_reason) == "failed":
        return "infrastructure_failed", None
    text = generation.text or ""
    if unclosed_at_server(text, generation.reasoning, generation.finish_reason):
        return "unclosed", None
    if not text.strip():
        return "empty", None
    answer = separate(text, reasoning, generation.reasoning)
    if answer is None:
        return "unclosed", None
    return (None, answer) if answer.strip() else ("empty", None)


def reward_of(verdict: Verdict) -> float | None:
    """1 for correct, None where nobody knows, else 0."""
    return None if verdict in ("infrastructure_failed", "judge_null") else float(verdict == "correct")
