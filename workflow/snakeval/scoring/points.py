"""Figures of grades that hold points, and of how answers were found: what stands beside a score."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np

from snakeval.system.tables import read_table
from snakeval.types import Grade, Json, Problem


def found_by(grades: Path) -> dict[str, int]:
    """How many answers were found in which way (`extract.How`); empty where graders do not say."""
    column = read_table(grades, Grade, ["how"])["how"].drop_null().to_pylist()
    return dict(sorted(Counter(column).items()))


def point_figures(problems: Path, grades: Path) -> Json | None:
    """The points of graded samples: how many there are, their mean, how often each; None without points.

    Where the golden answers are points too, a human's, `calibration` compares them: accuracy (the share of
    equal ones), mae (mean absolute error, in points) and pearson (correlation, None where either does not
    vary), over the samples that have points.
    """
    table = read_table(grades, Grade, ["problem_id", "points"])
    pairs = [
        (name, points)
        for name, points in zip(table["problem_id"].to_pylist(), table["points"].to_pylist(), strict=True)
        if points is not None
    ]
    if not pairs:
        return None
    values = np.array([points for _, points in pairs])
    counted = {f"{points:g}": count for points, count in sorted(Counter(values.tolist()).items())}
    figures: Json = {"n": len(values), "mean": float(values.mean()), "counts": counted}
    given = _human_points(problems)
    if given is not None:
        figures["calibration"] = _calibration(values, np.array([given[name] for name, _ in pairs]))
    return figures


def _human_points(problems: Path) -> dict[str, float] | None:
    table = read_table(problems, Problem, ["problem_id", "reference"])
    try:
        references = [float(value) for value in table["reference"].to_pylist()]
    except (TypeError, ValueError):
        return None
    return dict(zip(table["problem_id"].to_pylist(), references, strict=True))


def _calibration(values: np.ndarray, given: np.ndarray) -> Json:
    varied = values.std() > 0 and given.std() > 0
    return {
        "accuracy": float((values == given).mean()),
        "mae": float(np.abs(values - given).mean()),
        "pearson": float(np.corrcoef(values, given)[0, 1]) if varied else None,
    }
