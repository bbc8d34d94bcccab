"""IFEval (Zhou et al. 2023, arXiv 2311.07911): which of a prompt's instructions does an answer follow?

The 25 checkers are those of lm-evaluation-harness (optional dependencies `ifeval`), which gives the
published verdicts; the two places where they draw lots are decided here: langdetect gets a seed, and a
"letter" that is none (the data have "#" and "!") is counted as it stands instead of being replaced by a
random one. Sentences are counted with NLTK's punkt, whose data must be there.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from snakeval.grading.graders import Answer, Outcome, following
from snakeval.grading.graders.following import Check, InstructionError
from snakeval.system import punkt

LETTERS = "keywords:letter_frequency"


def outcomes(answers: Iterable[Answer], *, loose: bool = False) -> Iterator[Outcome]:
    """One outcome an answer (see `following.outcomes`); the instruction to repeat the prompt needs `prompt`.

    Raises InstructionError and PunktMissing.
    """
    return following.outcomes(answers, _check, loose=loose)


def _check(answer: Answer, name: str, known: dict[str, Any]) -> Check:
    letter = str(known.get("letter", "a")).lower()
    if name == LETTERS and not ("a" <= letter <= "z" and len(letter) == 1):
        least, relation = int(known["let_frequency"]), known.get("let_relation")
        return lambda text: (text.lower().count(letter) >= least) == (relation == "at least")
    checkers = _checkers()
    if name not in checkers:
        raise InstructionError(f"problem '{answer.problem_id}': there is no instruction '{name}'")
    instruction = checkers[name](name)
    instruction.build_description(**known)
    if "prompt" in (instruction.get_instruction_args() or {}):
        columns = json.loads(answer.metadata)
        instruction.build_description(prompt=str(columns.get("prompt", columns.get("problem", ""))))
    follows: Check = instruction.check_following
    return follows


@cache
def _checkers() -> dict[str, Any]:
    punkt.require("ifeval")
    with contextlib.redirect_stdout(io.StringIO()):  # it says that it has downloaded what was there
        registry = importlib.import_module("lm_eval.tasks.ifeval.instructions_registry")
    importlib.import_module("langdetect").DetectorFactory.seed = 0
    return dict(registry.INSTRUCTION_DICT)
