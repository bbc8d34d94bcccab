"""Figures of a benchmark's parts: by category, by difficulty, by whatever a column of its source says."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from snakeval.scoring.samples import Samples, SamplesError
from snakeval.system.tables import read_table
from snakeval.types import Json, Problem

NONE = "(none)"
MOST_GROUPS = 100
PER_SAMPLE = tuple(field.name for field in fields(Samples) if field.name != "problem_ids")


def by_column(
    problems: Path, samples: Samples, columns: Sequence[str], figures: Callable[[Samples], Json]
) -> Json:
    """For each column, for each of its values numbers first: `num_problems`, `num_samples`, figures.

    A list, as a problem's several topics, puts the problem under each of its members, once; null and "" are
    "(none)". Raises SamplesError for a column that no problem has, or with more than MOST_GROUPS values.
    """
    table = read_table(problems, Problem, ["problem_id", "metadata"])
    ids, texts = table["problem_id"].to_pylist(), table["metadata"].to_pylist()
    rows: dict[str, Json] = {name: json.loads(text) for name, text in zip(ids, texts, strict=True)}
    found: Json = {}
    for column in columns:
        if not any(column in row for row in rows.values()):
            known = ", ".join(sorted({key for row in rows.values() for key in row}))
            raise SamplesError(f"by: {problems} has no column '{column}'; columns: {known}")
        values = [_values(rows[name].get(column)) for name in samples.problem_ids]
        groups = sorted(set().union(*values), key=_place)
        if len(groups) > MOST_GROUPS:
            raise SamplesError(
                f"by: column '{column}' of {problems} has {len(groups)} values; {MOST_GROUPS} are the most"
            )
        found[column] = {
            group: _part(samples, np.array([group in of for of in values]), figures) for group in groups
        }
    return found


def _place(value: str) -> tuple[bool, float, str]:
    """Numbers by their size, then words by the alphabet."""
    number = value.isascii() and value.isdigit()
    return not number, float(value) if number else 0.0, value


def _values(value: object) -> set[str]:
    several = value if isinstance(value, list) else [value]
    return {_text(each) for each in several} or {NONE}


def _text(value: object) -> str:
    if value is None or value == "":
        return NONE
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _part(samples: Samples, chosen: npt.NDArray[np.bool_], figures: Callable[[Samples], Json]) -> Json:
    """The figures of the problems that are chosen, a mask shaped (P,)."""
    kept = np.flatnonzero(chosen[samples.problem])
    cut: dict[str, object] = {}
    for name in PER_SAMPLE:
        values = getattr(samples, name)
        cut[name] = [values[i] for i in kept] if isinstance(values, list) else values[kept]
    places = np.cumsum(chosen) - 1
    cut["problem"] = places[samples.problem[kept]]
    ids = [name for name, here in zip(samples.problem_ids, chosen, strict=True) if here]
    part = replace(samples, problem_ids=ids, **cut)  # type: ignore[arg-type]
    return {"num_problems": len(ids), "num_samples": len(kept), **figures(part)}
