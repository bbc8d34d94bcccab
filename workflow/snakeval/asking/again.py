"""What of a finished output is worth asking for again, for whoever plans the next run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from snakeval.answers.finish import withheld
from snakeval.dag.retries import note_failures


def note_errors(journal: Path, errors: Mapping[str, str]) -> None:
    """Record an output's errors by their requests' keys (see `snakeval.dag.retries`).

    What a filter refused is no fault that anybody mends, and not asked again.
    """
    refused = [key for key, error in errors.items() if error.startswith("permanent")]
    note_failures(
        journal, len(errors) - len(refused), [key for key in refused if not withheld(None, errors[key])]
    )
