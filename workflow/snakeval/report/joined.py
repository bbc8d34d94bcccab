"""Problems, generations and grades of one model on one benchmark, joined sample by sample."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from snakeval.answers.reasoning import separate, unclosed_at_server
from snakeval.schema import Reasoning
from snakeval.scoring.samples import SamplesError
from snakeval.system.tables import read_rows
from snakeval.types import COMPLETION, Generation, Grade, Problem


@dataclass(frozen=True, slots=True)
class Parts:
    """A model's text as three that follow each other; `answer` is None where its reasoning never ended.

    `before` is reasoning with its marks, `after` what else stands behind the answer.
    """

    before: str
    answer: str | None
    after: str


@dataclass(frozen=True, slots=True)
class Joined:
    """One sample with its problem and, by grader, its grades; `parts` is None where there is no text."""

    problem: Problem
    generation: Generation
    parts: Parts | None
    grades: Mapping[str, Grade]


@dataclass(slots=True)
class _Grades:
    """The grades of a file, given out by sample; those that come before they are asked for wait."""

    path: Path
    rows: Iterator[Grade]
    waiting: dict[tuple[str, int], Grade] = field(default_factory=dict)

    def of(self, sample: Generation) -> Grade:
        key = (sample.problem_id, sample.sample_index)
        while key not in self.waiting:
            row = next(self.rows, None)
            if row is None:
                raise SamplesError(f"{self.path} has no grade of problem '{key[0]}', sample {key[1]}")
            self.waiting[row.problem_id, row.sample_index] = row
        found = self.waiting.pop(key)
        if found.digest != sample.digest:
            raise SamplesError(
                f"{self.path}: the grade of problem '{key[0]}', sample {key[1]} is of another generation. "
                "Delete the file to have it made anew."
            )
        return found


def joined(
    problems: Mapping[str, Problem], generations: Path, grades: Mapping[str, Path], reasoning: Reasoning
) -> Iterator[Joined]:
    """Yield the samples of `generations` in their order; `grades` are files by grader.

    `problems` are by id. Files in one order are read side by side, so that memory stays bounded. Raises
    SamplesError where they do not belong together.
    """
    graders = {name: _Grades(path, read_rows(path, Grade)) for name, path in grades.items()}
    for sample in read_rows(generations, Generation):
        problem = problems.get(sample.problem_id)
        if problem is None:
            raise SamplesError(f"{generations}: '{sample.problem_id}' is none of the problems")
        given = {name: each.of(sample) for name, each in graders.items()}
        yield Joined(problem, sample, parts_of(sample, reasoning), given)


def parts_of(sample: Generation, reasoning: Reasoning) -> Parts | None:
    """A sample's text divided as graders read it: what is not the answer stands around it."""
    text = sample.text
    if text is None or unclosed_at_server(text, sample.reasoning, sample.finish_reason):
        return None
    chat = all(message["role"] != COMPLETION for message in sample.messages)
    answer = separate(text, reasoning, sample.reasoning, chat=chat)
    if answer is None:
        return Parts(text, None, "")
    at = text.rfind(answer)
    return Parts(text[:at], answer, text[at + len(answer) :]) if at >= 0 else Parts(text, answer, "")
