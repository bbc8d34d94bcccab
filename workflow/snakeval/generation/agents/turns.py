"""What passes between an agent and who asks its questions, and how scores and prompts are read.

An agent is a generator: it yields a Step, is sent the replies to its turns in their order, to be read once
and before the next step, and returns how it Ended. So it holds no state that a kill could lose: played again
over the journalled replies it comes to the same turn.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from snakeval.formats.prompts import Prompt
from snakeval.schema import Agent
from snakeval.types import Generation, Message, Problem

SCORES = (0.0, 0.5, 1.0)
PASSED = 1.0
_BOX = re.compile(r"\\boxed\s*\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Turn:
    """One question within a sample. Equal names and indices in one sample are one question."""

    name: str
    index: int
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """The row of a turn, and its text without reasoning: None if it was cut, is empty or was refused."""

    row: Generation
    answer: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """Turns that can be asked at once; `best` is the answer if the agent has to stop before them."""

    turns: Sequence[Turn]
    best: Reply | None


@dataclass(frozen=True, slots=True)
class Ended:
    """The chosen answer, why the agent ended, and the answer's mean score where it has one."""

    best: Reply
    why: str
    score: float | None = None


Play = Generator[Step, Iterator[Reply], Ended]


class Prompts:
    """An agent's templates, read once."""

    def __init__(self, agent: Agent, root: Path) -> None:
        self._generate = Prompt(root / agent.generate) if agent.generate else None
        self._evaluate = Prompt(root / agent.evaluate)
        self._refine = Prompt(root / agent.refine)

    def generate(self, problem: Problem) -> tuple[Message, ...]:
        """What asks for a first answer: the benchmark's own messages where the agent has no such prompt."""
        if self._generate is None:
            return problem.messages
        return _user(self._generate, problem=_text(problem))

    def evaluate(self, problem: Problem, answer: str) -> tuple[Message, ...]:
        """What asks for an evaluation that ends in a score."""
        return _user(self._evaluate, problem=_text(problem), answer=answer)

    def refine(self, problem: Problem, answer: str, evaluation: str) -> tuple[Message, ...]:
        """What asks for a better answer."""
        return _user(self._refine, problem=_text(problem), answer=answer, evaluation=evaluation)


def score_of(evaluation: str | None) -> float | None:
    r"""The score in an evaluation's last `\boxed{}`: 0, 0.5 or 1; None where that holds anything else."""
    boxes = _BOX.findall(evaluation or "")
    try:
        score = float(boxes[-1])
    except (IndexError, ValueError):
        return None
    return score if score in SCORES else None


def _text(problem: Problem) -> str:
    """What the benchmark asks last, with what it says of the answer's form."""
    return problem.messages[-1]["content"]


def _user(prompt: Prompt, **values: str) -> tuple[Message, ...]:
    return ({"role": "user", "content": prompt.render(values)},)
