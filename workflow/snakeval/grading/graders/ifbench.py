"""IFBench (Pyatkin et al. 2025, arXiv 2507.02833): IFEval's form, with 58 other instructions.

The checkers are ours (`grading.instructions`). They need the optional dependencies `ifeval`, and NLTK's punkt
and tagger, whose data must be there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from snakeval.grading.graders import Answer, Outcome, following
from snakeval.grading.graders.following import Check, InstructionError
from snakeval.grading.instructions.checkers import CHECKERS
from snakeval.system import punkt


def outcomes(answers: Iterable[Answer], *, loose: bool = False) -> Iterator[Outcome]:
    """One outcome an answer (see `following.outcomes`). Raises InstructionError and PunktMissing."""
    punkt.require("ifbench")
    return following.outcomes(answers, check, loose=loose)


def check(answer: Answer, name: str, given: dict[str, Any]) -> Check:
    """Whether a text follows one instruction of the answer's problem. Raises InstructionError."""
    checker = CHECKERS.get(name)
    if checker is None:
        raise InstructionError(f"problem '{answer.problem_id}': there is no instruction '{name}'")
    if lacking := [key for key in checker.needs if key not in given]:
        raise InstructionError(f"problem '{answer.problem_id}': '{name}' needs '{lacking[0]}' in 'kwargs'")
    return lambda text: checker.follows(text, given)
