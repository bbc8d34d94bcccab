"""Samples that somebody else's program has made, row by row: the layouts they come in.

One row a sample, with `response` or `text`; or one row a problem, with `responses`, as the export of this
project has it (data_source, problem_id, problem, ground_truth, responses, rewards). A row names its problem
by `problem_id` or `id`, or gives its text as `problem`, `question` or `prompt`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from snakeval.formats.rows import Row
from snakeval.problems.asked import problem_text
from snakeval.types import Problem

log = logging.getLogger(__name__)
IDS = ("problem_id", "id", "question_id")
PROBLEMS = ("problem", "question", "prompt")
TEXTS = ("response", "text", "output", "completion")
LISTS = ("responses", "outputs")
SHOWN = 8


class RolloutError(ValueError):
    """Samples can't be told apart, or are of other problems; the message names columns and problems."""


@dataclass(frozen=True, slots=True)
class Rollout:
    """One sample as its file has it; what the file does not say is None."""

    text: str | None
    reasoning: str | None = None
    finish_reason: str | None = None
    completion_tokens: int | None = None


def rollouts(rows: Sequence[Row], problems: Sequence[Problem], benchmark: str) -> dict[str, list[Rollout]]:
    """The samples of each problem by its id, in the order of `sample_index` or else of the rows.

    Rows of other problems are left out and named in the log; so are golden answers that differ from the
    benchmark's. Raises RolloutError.
    """
    keys = _keys(problems)
    found: dict[str, dict[int, Rollout]] = {}
    strangers: dict[str, None] = {}
    references = {problem.problem_id: problem.reference for problem in problems}
    others: list[str] = []
    for number, row in enumerate(_of(rows, benchmark)):
        said = _said(row, number)
        name = keys.get(said)
        if name is None:
            strangers[said] = None
            continue
        if (given := row.get("ground_truth")) is not None and str(given) != references[name]:
            others.append(name)
        _add(found.setdefault(name, {}), row, name, number)
    if not found:
        raise RolloutError(
            f"no row is of one of the {len(problems)} problems; the first are {_list(strangers)}"
        )
    if strangers:
        log.warning("%d rows of other problems are left out: %s", len(strangers), _list(strangers))
    if others:
        log.warning("%d problems have another golden answer in the file: %s", len(others), _list(others))
    return {name: [samples[index] for index in sorted(samples)] for name, samples in found.items()}


def _keys(problems: Sequence[Problem]) -> dict[str, str]:
    """Ids of problems by what a row may say of them: the id, the problem's text, the whole prompt."""
    keys: dict[str, str] = {}
    for problem in problems:
        for text in (problem.messages[-1]["content"].strip(), problem_text(problem).strip()):
            # Two problems of one text can be told apart by their ids alone.
            keys[text] = (
                "" if keys.get(text, problem.problem_id) != problem.problem_id else problem.problem_id
            )
    keys = {text: name for text, name in keys.items() if name}
    return {**keys, **{problem.problem_id: problem.problem_id for problem in problems}}


def _of(rows: Sequence[Row], benchmark: str) -> Sequence[Row]:
    """The rows of the benchmark's own data source, where the file holds several."""
    sources = {str(row["data_source"]) for row in rows if "data_source" in row}
    if len(sources) <= 1:
        return rows
    if benchmark not in sources:
        raise RolloutError(f"no data_source is '{benchmark}'; there are {_list(sorted(sources))}")
    return [row for row in rows if str(row.get("data_source")) == benchmark]


def _said(row: Row, number: int) -> str:
    for column in (*IDS, *PROBLEMS):
        value = row.get(column)
        if value is not None and not isinstance(value, (list, dict)):
            return str(value).strip()
    raise RolloutError(
        f"row {number} (counted from 0) names no problem: it has {', '.join(row)}, "
        f"but none of {', '.join((*IDS, *PROBLEMS))}"
    )


def _add(samples: dict[int, Rollout], row: Row, name: str, number: int) -> None:
    first = int(row.get("sample_index") or 0) if row.get("sample_index") is not None else len(samples)
    for index, rollout in enumerate(_samples(row, number), start=first):
        if index in samples:
            raise RolloutError(f"sample {index} of problem '{name}' is there twice, again in row {number}")
        samples[index] = rollout


def _samples(row: Row, number: int) -> Iterator[Rollout]:
    for column in LISTS:
        if isinstance(texts := row.get(column), list):
            yield from (Rollout(_text(text, number)) for text in texts)
            return
    named = [column for column in TEXTS if column in row]
    if not named:
        raise RolloutError(
            f"row {number} (counted from 0) has no answer: it has {', '.join(row)}, "
            f"but none of {', '.join((*TEXTS, *LISTS))}"
        )
    tokens = row.get("completion_tokens")
    yield Rollout(
        _text(row[named[0]], number),
        row.get("reasoning") or row.get("reasoning_content"),
        row.get("finish_reason"),
        None if tokens is None else int(tokens),
    )


def _text(value: Any, number: int) -> str | None:
    if value is not None and not isinstance(value, str):
        raise RolloutError(f"row {number} (counted from 0): an answer is no text but {type(value).__name__}")
    return value


def _list(names: Any) -> str:
    shown = [f"'{name[:60]}'" for name in list(names)[:SHOWN]]
    return ", ".join(shown) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
