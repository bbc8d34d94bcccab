"""What may stand in config/corrections/NAME.yaml."""

from __future__ import annotations

from snakeval.schema.values import Strict, Text


class Correction(Strict):
    """One value of a benchmark's source that is wrong, or, without `column`, a piece of the file's text.

    `old` must be what the source has; a text must be there exactly once.
    """

    problem_id: Text
    column: Text | None = None
    old: str
    new: str
    reason: Text
    source: Text


class Corrections(Strict):
    """config/corrections/NAME.yaml: what is wrong in a source, applied where a benchmark says so."""

    corrections: tuple[Correction, ...]
