"""IFEval (Zhou et al. 2023, arXiv 2311.07911): which of a prompt's instructions does an answer follow?

The 25 checkers are those of lm-evaluation-harness (optional dependencies `lm-eval`), which gives the
published verdicts; the two places where they draw lots are decided here: langdetect gets a seed, and a
"letter" that is none (the data have "#" and "!") is counted as it stands instead of being replaced by a
random one. Sentences are counted with NLTK's punkt, whose data must be there.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from snakeval.grading.graders import Answer, Outcome
from snakeval.system.punkt import punkt_folder

LETTERS = "keywords:letter_frequency"


class InstructionError(ValueError):
    """A problem's instructions can't be checked; the message names the problem and the column."""


def outcomes(answers: Iterable[Answer], *, loose: bool = False) -> Iterator[Outcome]:
    """One outcome an answer, in order: correct where all instructions are followed, `parts` one each.

    The problem's other columns must hold `instruction_id_list` and, in the same order, `kwargs`; `prompt`
    is needed by the instruction to repeat it. Loosely, an instruction is followed if it is in the answer,
    the answer without its asterisks, its first line, its last line, or any of these together. Raises
    InstructionError for a problem without them, and PunktMissing.
    """
    for answer in answers:
        texts = variants(answer.text) if loose else (answer.text,)
        followed = [any(check(text) for text in texts if text.strip()) for check in _checks(answer)]
        parts = tuple(map(float, followed))
        yield Outcome("correct" if all(followed) else "incorrect", None, parts=parts)


def variants(text: str) -> tuple[str, ...]:
    """The eight readings of the loose metric: without first line, last line, both; each without asterisks."""
    lines = text.split("\n")
    cuts = [text, *("\n".join(lines[part]).strip() for part in (slice(1, None), slice(-1), slice(1, -1)))]
    return (*cuts, *(cut.replace("*", "") for cut in cuts))


def _checks(answer: Answer) -> Iterator[Any]:
    """A predicate of a text for each instruction of the answer's problem."""
    columns = json.loads(answer.metadata)
    names, arguments = columns.get("instruction_id_list"), columns.get("kwargs")
    if not names or not isinstance(arguments, list) or len(names) != len(arguments):
        raise InstructionError(
            f"problem '{answer.problem_id}': the columns 'instruction_id_list' and 'kwargs' must be lists of "
            "one length"
        )
    prompt = str(columns.get("prompt", columns.get("problem", "")))
    for name, given in zip(names, arguments, strict=True):
        known = {key: value for key, value in (given or {}).items() if value is not None}
        yield _check(answer.problem_id, name, known, prompt)


def _check(problem_id: str, name: str, known: Mapping[str, Any], prompt: str) -> Any:
    letter = str(known.get("letter", "a")).lower()
    if name == LETTERS and not ("a" <= letter <= "z" and len(letter) == 1):
        least, relation = int(known["let_frequency"]), known.get("let_relation")
        return lambda text: (text.lower().count(letter) >= least) == (relation == "at least")
    checkers = _checkers()
    if name not in checkers:
        raise InstructionError(f"problem '{problem_id}': there is no instruction '{name}'")
    instruction = checkers[name](name)
    instruction.build_description(**known)
    if "prompt" in (instruction.get_instruction_args() or {}):
        instruction.build_description(prompt=prompt)
    return instruction.check_following


@cache
def _checkers() -> dict[str, Any]:
    punkt_folder()
    with contextlib.redirect_stdout(io.StringIO()):  # it says that it has downloaded what was there
        registry = importlib.import_module("lm_eval.tasks.ifeval.instructions_registry")
    importlib.import_module("langdetect").DetectorFactory.seed = 0
    return dict(registry.INSTRUCTION_DICT)
