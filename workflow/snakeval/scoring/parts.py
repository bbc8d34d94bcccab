"""Accuracy over the parts of answers: the instruction-level accuracy of IFEval."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.compute as pc

from snakeval.statistics.bootstrap import percentiles, resampled_counts
from snakeval.system.tables import read_table
from snakeval.types import Grade, Json


def part_figures(grades: Path, rounds: int, seed: int) -> Json | None:
    """`num_parts`, their `mean_reward` and its 95% interval; None where answers are graded as wholes.

    The mean is over all parts of all samples, so a prompt with three instructions weighs three times one
    with a single instruction, as IFEval's instruction-level accuracy has it (arXiv 2311.07911). An answer
    that got no parts (empty, or not had) counts by the parts that other samples of its problem have; where
    none has any it can't be counted. The bootstrap draws problems.
    """
    table = read_table(grades, Grade, ["problem_id", "parts"])
    if pc.all(pc.is_null(table["parts"])).as_py():
        return None
    problems: dict[str, list[list[float] | None]] = {}
    for name, parts in zip(table["problem_id"].to_pylist(), table["parts"].to_pylist(), strict=True):
        problems.setdefault(name, []).append(parts)
    rows = [_totals(samples) for _, samples in sorted(problems.items())]
    totals = np.array(rows, dtype=np.float64)
    drawn = [counts @ totals for counts in resampled_counts(np.ones(len(totals)), rounds, seed)]
    right, number = np.concatenate(drawn).T
    return {
        "num_parts": int(totals[:, 1].sum()),
        "mean_reward": float(totals[:, 0].sum() / totals[:, 1].sum()),
        "ci95": percentiles(right / np.maximum(number, 1)).tolist(),
    }


def _totals(samples: list[list[float] | None]) -> tuple[float, int]:
    """(rewards, parts) of one problem's samples."""
    size = max((len(parts) for parts in samples if parts), default=0)
    return sum(sum(parts) for parts in samples if parts), size * len(samples)
