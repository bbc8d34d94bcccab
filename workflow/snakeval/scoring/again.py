"""A score that stands, or, where failed samples stand in its way, the next run's order to ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from snakeval.dag.retries import ask_again
from snakeval.scoring.samples import commonest_error, lost
from snakeval.scoring.validity import ValidityError, check


def check_or_ask_again(
    validity: Mapping[str, Any],
    thresholds: Mapping[str, float | None],
    generations: Path,
    grades: Path,
    *,
    data_source: str,
    model: str,
    grader: str,
) -> None:
    """Raise ValidityError if more of a score's samples are invalid than the thresholds allow.

    Where requests failed, the next run is to make them once more: the model's, or the judge's.
    """
    score = f"{data_source}, model {model}, grader {grader}"
    try:
        check(validity, thresholds, score, lambda: commonest_error(generations, grades))
    except ValidityError as error:
        from snakeval.dag import plan  # which checks configurations, and no score that stands needs

        ungraded = plan.journal("grades", data_source, model, grader)
        journal = plan.journal("generations", data_source, model) if lost(generations) else ungraded
        if "infrastructure_failed" not in error.causes or not journal.is_dir():
            raise
        ask_again(journal)
        raise ValidityError(f"{error}\nThe next run asks once more for those.", error.causes) from None
