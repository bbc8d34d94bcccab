"""The samples of one model on one benchmark -> an index of figures, and chunks of texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from snakeval.answers.finish import ending, withheld
from snakeval.report.joined import Joined
from snakeval.report.site import signs
from snakeval.report.site.chunks import Codes, Cut, characters, write_chunk
from snakeval.report.site.turns import Turns
from snakeval.types import VERDICTS, Grade, Json

SHORT = 80  # characters of an extracted answer in the index
Place = tuple[str, int]  # a sample's problem and index


@dataclass(slots=True)
class Facts:
    """What is known of a model's samples on a benchmark, one entry a sample (N,) in the order of the file.

    `problem` numbers the problems; `rewards` and `verdicts` are by grader. `told` are the texts' hashes.
    `signs` are what is odd about single samples, by the name of the sign.
    """

    benchmark: str
    model: str
    problem: list[int] = field(default_factory=list)
    sample: list[int] = field(default_factory=list)
    tokens: list[int | None] = field(default_factory=list)
    ending: list[str] = field(default_factory=list)
    told: list[int | None] = field(default_factory=list)
    rewards: dict[str, list[float | None]] = field(default_factory=dict)
    verdicts: dict[str, list[int]] = field(default_factory=dict)
    extracted: dict[str, list[str | None]] = field(default_factory=dict)
    signs: dict[str, list[Place]] = field(default_factory=dict)

    def add(self, each: Joined, problem: int) -> None:
        """Take one sample."""
        sample = each.generation
        self.problem.append(problem)
        self.sample.append(sample.sample_index)
        self.tokens.append(sample.completion_tokens)
        self.ending.append(_ending(each))
        self.told.append(None if sample.text is None else hash((sample.text, sample.reasoning)))
        for name, grade in each.grades.items():
            self.rewards.setdefault(name, []).append(grade.reward)
            self.verdicts.setdefault(name, []).append(VERDICTS.index(grade.verdict))
            self.extracted.setdefault(name, []).append(grade.extracted)
        for sign in signs.of(each):
            self.signs.setdefault(sign, []).append((sample.problem_id, sample.sample_index))


def write_pair(
    samples: Iterable[Joined],
    facts: Facts,
    numbers: Mapping[str, int],
    folder: Path,
    key: str,
    *,
    published: bool,
    turns: Turns | None = None,
) -> None:
    """Write the chunk `s/KEY` with the index and `t/KEY-0` ... with the texts; fills `facts`.

    `numbers` are the problems' by id. Without `published` no text is written.
    """
    cut, endings = Cut(folder, f"t/{key}"), Codes()
    ends: list[int] = []
    seconds: list[float | None] = []
    for each in samples:
        facts.add(each, numbers[each.problem.problem_id])
        ends.append(endings.of(facts.ending[-1]))
        seconds.append(each.generation.seconds)
        row = texts(each) if published else {}
        if turns is not None and published and (said := turns.of(each.generation)):
            row["turns"] = said
        cut.add(row, characters(each.generation.text, each.generation.reasoning))
    cut.close()
    graders = {
        name: {
            "verdict": facts.verdicts[name],
            "reward": facts.rewards[name],
            "extracted": [_short(text) if published else None for text in facts.extracted[name]],
        }
        for name in facts.verdicts
    }
    index = {
        "problem": facts.problem,
        "sample": facts.sample,
        "tokens": facts.tokens,
        "seconds": seconds,
        "ending": ends,
        "endings": endings.texts,
        "graders": graders,
        "starts": cut.starts,
    }
    write_chunk(folder, f"s/{key}", index)


def texts(each: Joined) -> Json:
    """The texts of one sample, without what is empty."""
    sample, parts = each.generation, each.parts
    row: Json = {
        "thought": sample.reasoning,
        "before": parts.before if parts else sample.text,
        "answer": parts and parts.answer,
        "after": parts and parts.after,
        "error": sample.error,
        "finish": sample.finish_reason,
        "seed": sample.seed,
        "prompt_tokens": sample.prompt_tokens,
        "grades": {name: _grade(grade) for name, grade in each.grades.items()},
    }
    if sample.messages != each.problem.messages:
        row["messages"] = list(sample.messages)
    return {name: value for name, value in row.items() if value not in (None, "", {})}


def _grade(grade: Grade) -> Json:
    keys: Sequence[str] = ("extracted", "how", "detail", "judge_text", "points", "parts")
    return {key: value for key in keys if (value := getattr(grade, key)) is not None}


def _ending(each: Joined) -> str:
    """How a sample ended, in one word."""
    sample = each.generation
    if withheld(sample.finish_reason, sample.error):
        return "filtered"
    return "failed" if sample.error is not None else ending(sample.finish_reason)


def _short(text: str | None) -> str | None:
    return text if text is None or len(text) <= SHORT else f"{text[:SHORT]}…"
