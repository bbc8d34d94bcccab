"""Points: read from a judge's text, and compared with a human's where judges themselves are graded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from snakeval.answers.patterns import found
from snakeval.grading.graders import Answer, Outcome
from snakeval.schema import Points


class UnreadablePoints(ValueError):
    """A human's points that are no number; the message names the problem."""


def points_in(text: str, points: Points) -> float | None:
    """The points that a text gives: what the pattern's group holds, from 0 to the maximum.

    None where the pattern is not found (or not within `patterns.LIMIT_SECONDS`), where it is found with
    different points, or where they are out of range; never a guess.
    """
    (matches,) = found(text, points.pattern) or ([],)
    try:
        values = {float(match.group or "") for match in matches}
    except ValueError:
        return None
    return values.pop() if len(values) == 1 and min(values) >= 0 and max(values) <= points.maximum else None


def outcomes(answers: Iterable[Answer], points: Points) -> Iterator[Outcome]:
    """One outcome an answer, in order: correct where it gives as many points as the reference says.

    Raises UnreadablePoints.
    """
    for answer in answers:
        try:
            given = float(answer.reference)
        except ValueError:
            raise UnreadablePoints(
                f"problem '{answer.problem_id}': its points are {answer.reference!r}, expected a number"
            ) from None
        value = points_in(answer.text, points)
        if value is None:
            yield Outcome("unextracted", None)
        else:
            yield Outcome("correct" if value == given else "incorrect", f"{value:g}", points=value)
