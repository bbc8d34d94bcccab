"""Benchmark source -> problems: rows checked, prompts rendered."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from snakeval.answers.extract import ALTERNATIVE, boxed, hashed
from snakeval.config.tries import original
from snakeval.formats.prompts import Prompt, PromptError, nearest
from snakeval.formats.rows import Row, SourceError
from snakeval.models.names import field_name
from snakeval.problems.asked import Asking, Example, normalised
from snakeval.problems.cells import as_json, as_text
from snakeval.problems.choices import all_lettered
from snakeval.problems.corrections import CorrectionError, corrected
from snakeval.problems.sources import read_rows
from snakeval.system.surrogates import replaced
from snakeval.system.tables import write_rows
from snakeval.types import Message, Problem

if TYPE_CHECKING:
    from snakeval.schema import Benchmark, Correction, FewShot, Fields

log = logging.getLogger(__name__)

ROWS_SHOWN = 8
# Where the metadata have what a judge is told of how to grade a problem.
GUIDELINES = "guidelines"


class PrepareError(ValueError):
    """A benchmark's rows do not fit its file; the message lists every fault with its rows."""


class _Faults:
    """What is wrong, each with the rows (counted from 0) that have it."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._rows: dict[str, list[int]] = {}

    def add(self, fault: str, row: int | None = None) -> None:
        rows = self._rows.setdefault(fault, [])
        if row is not None:
            rows.append(row)

    def check(self) -> None:
        """Raise PrepareError with all that was added so far."""
        if self._rows:
            raise PrepareError("\n".join(f"{self._file}: {f}{_listed(r)}" for f, r in self._rows.items()))


def _listed(rows: list[int]) -> str:
    if not rows:
        return ""
    shown = ", ".join(map(str, rows[:ROWS_SHOWN]))
    more = f" and {len(rows) - ROWS_SHOWN} more" if len(rows) > ROWS_SHOWN else ""
    return f": {'row' if len(rows) == 1 else 'rows'} {shown}{more} (counted from 0)"


def prepare(
    name: str, benchmark: Benchmark, root: Path, output: Path, corrections: Sequence[Correction] = ()
) -> int:
    """Write the problems of config/benchmarks/`name`.yaml to `output` and return how many they are.

    See `problems_of`.
    """
    count = write_rows(output, Problem, problems_of(name, benchmark, root, corrections))
    log.info("%s: %d problems", output, count)
    return count


def problems_of(
    name: str, benchmark: Benchmark, root: Path, corrections: Sequence[Correction] = ()
) -> list[Problem]:
    """The problems of config/benchmarks/`name`.yaml: rows checked, prompts rendered.

    Paths in the benchmark's file are relative to `root`. A problem's prompt may use every column of
    its row by its name, and `problem`; nothing is called `reference` there, so that no golden answer
    is shown by mistake. The reference is kept as text, numbers as the source writes them; metadata
    are all other columns, with the problem's text as `problem`. Raises PrepareError with all faults.
    """
    faults = _Faults(f"config/benchmarks/{original(name)}.yaml")
    fields = benchmark.fields
    rows: list[Row] = []
    try:
        rows = read_rows(benchmark.source, root, corrections)[: benchmark.limit]
        rows = corrected(rows, corrections, fields.problem_id)
        if not rows:
            faults.add("source: the data set is empty")
    except SourceError as error:
        faults.add(f"source: {error}")
    except CorrectionError as error:
        faults.add(f"corrections: {error}")
    asking = _asking(benchmark, root, faults)
    _check_columns(rows, fields, faults)
    faults.check()
    assert asking is not None, "without a prompt there are faults"
    _check_ids(rows, fields, faults)
    if fields.choices is not None:
        ids = [_problem_id(index, row, fields) for index, row in enumerate(rows)]
        rows = all_lettered(rows, fields, ids, faults.add)
    problems = [_problem(index, row, benchmark, asking, faults) for index, row in enumerate(rows)]
    faults.check()
    return problems


def _asking(benchmark: Benchmark, root: Path, faults: _Faults) -> Asking | None:
    prompt = _template(benchmark.prompt, "prompt", root, faults)
    system = _template(benchmark.system, "system", root, faults)
    if prompt is None:
        return None
    asking = Asking(prompt, system, completion=benchmark.endpoint == "completions")
    few_shot = benchmark.few_shot
    if few_shot is None:
        return asking
    rows: list[Row] = []
    try:
        rows = read_rows(few_shot.source, root)
        if len(rows) < few_shot.n:
            faults.add(f"few_shot.n: {few_shot.n} examples wanted, the source has {len(rows)}")
    except SourceError as error:
        faults.add(f"few_shot.source: {error}")
    return replace(asking, few_shot=few_shot, pool=_pool(rows, few_shot, benchmark.fields.problem))


def _pool(rows: Sequence[Row], few_shot: FewShot, column: str) -> list[Example]:
    """The examples in their order; those beyond the first n, which stand in for others, have a response."""
    pool = []
    for number, row in enumerate(rows):
        response = row.get(few_shot.response)
        if number < few_shot.n or (isinstance(response, str) and response.strip()):
            text = row.get(column, row.get("problem"))
            pool.append(Example(number, {**row, "problem": text}, normalised(str(text))))
    return pool


def _template(path: str | None, key: str, root: Path, faults: _Faults) -> Prompt | None:
    if path is None:
        return None
    try:
        prompt = Prompt(root / path)
    except PromptError as error:
        faults.add(f"{key}: {error}")
        return None
    if "reference" in prompt.fields:
        faults.add(f"{key}: {prompt.path}: the field 'reference' is never shown to the model that is asked")
    return prompt


def _check_columns(rows: list[Row], fields: Fields, faults: _Faults) -> None:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    named = [(key, getattr(fields, key)) for key in ("problem_id", "problem", "reference", "guidelines")]
    for key, column in [*named, *(("choices", column) for column in fields.choices or ())]:
        if rows and column is not None and column not in columns:
            hint = "; set it to null if there is no golden answer" if key == "reference" else ""
            faults.add(
                f"fields.{key}: no column '{column}'{nearest(column, columns)}; "
                f"columns: {', '.join(columns)}{hint}"
            )


def _check_ids(rows: list[Row], fields: Fields, faults: _Faults) -> None:
    holders: dict[str, list[int]] = {}
    for index, row in enumerate(rows):
        holders.setdefault(_problem_id(index, row, fields), []).append(index)
    for index in holders.pop("", []):
        faults.add("fields.problem_id: empty", index)
    if repeated := [f"'{name}'{_listed(held)}" for name, held in holders.items() if len(held) > 1]:
        more = f"; and {len(repeated) - ROWS_SHOWN} more" if len(repeated) > ROWS_SHOWN else ""
        shown = "; ".join(repeated[:ROWS_SHOWN])
        faults.add(f"fields.problem_id: must differ from row to row, these do not: {shown}{more}")


def _problem_id(index: int, row: Row, fields: Fields) -> str:
    return str(index) if fields.problem_id is None else as_text(row.get(fields.problem_id))


def _problem(index: int, row: Row, benchmark: Benchmark, asking: Asking, faults: _Faults) -> Problem:
    fields = benchmark.fields
    text = row.get(fields.problem)
    messages: tuple[Message, ...] = ()
    if isinstance(text, str) and text.strip():
        # The golden answer is no part of a prompt, under any name.
        shown = {
            named: value
            for column, value in row.items()
            if column not in ("reference", fields.reference)
            for named in (column, field_name(column))
        }
        try:
            messages = asking.messages({**shown, "problem": text})
        except PromptError as error:
            faults.add(str(error), index)
    else:
        faults.add(f"fields.problem: '{fields.problem}' is empty or no text", index)
    problem = Problem(
        problem_id=_problem_id(index, row, fields),
        messages=messages,
        reference=_reference(index, row, fields, faults),
        metadata=_metadata(index, row, fields, faults, benchmark.source.non_finite),
    )
    texts = (problem.problem_id, problem.reference or "", problem.metadata, *map(str, row))
    if any(replaced(text)[1] for text in (*texts, *(message["content"] for message in messages))):
        faults.add("source: a text has half of a UTF-16 surrogate pair, which no server could be sent", index)
    return problem


def _reference(index: int, row: Row, fields: Fields, faults: _Faults) -> str | None:
    """The golden answer as text, taken from its column in the form that the fields say."""
    if fields.reference is None:
        return None
    value, form = row.get(fields.reference), fields.reference_form
    if form in ("any_of", "all_of"):
        if not isinstance(value, list):
            faults.add(f"fields.reference_form: '{fields.reference}' is no list", index)
            return ""
        parts = list(dict.fromkeys(as_text(part).strip() for part in value))
        reference = (ALTERNATIVE if form == "any_of" else ", ").join(part for part in parts if part)
    else:
        reference = as_text(value)
    if not reference.strip():
        faults.add(f"fields.reference: '{fields.reference}' is empty", index)
        return reference
    if form in ("boxed", "hashes"):
        found = boxed(reference) if form == "boxed" else hashed(reference)
        if found is None:
            faults.add(
                f"fields.reference_form: '{fields.reference}' has no answer of the form '{form}'", index
            )
        return found
    return reference


def _metadata(index: int, row: Row, fields: Fields, faults: _Faults, non_finite: bool) -> str:
    mapped = (fields.problem_id, fields.problem, fields.reference)
    others = {column: as_json(value) for column, value in row.items() if column not in mapped}
    others["problem"] = row.get(fields.problem)
    if fields.guidelines is not None:
        others[GUIDELINES] = as_text(row.get(fields.guidelines))
    try:
        return json.dumps(others, ensure_ascii=False, allow_nan=non_finite)
    except (TypeError, ValueError) as error:
        faults.add(f"source: a column can't be kept as JSON: {error}", index)
        return "{}"
