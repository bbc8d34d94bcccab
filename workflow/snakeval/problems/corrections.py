"""Corrections of a benchmark's source: wrong values, each with its reason and where that is known from."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from snakeval.formats.rows import Row

if TYPE_CHECKING:
    from snakeval.schema import Correction

log = logging.getLogger(__name__)
# The column that says of a row what was corrected in it, and why.
MARK = "corrected"


class CorrectionError(ValueError):
    """A correction does not fit the source; the message names the problem and what the source has."""


def corrected(rows: Sequence[Row], corrections: Sequence[Correction], id_column: str | None) -> list[Row]:
    """The rows with their wrong values replaced, each such row marked with the reasons.

    Corrections of the file's text have been made before; their rows are only marked. A correction of a
    problem that is not among the rows is left out, for `where` may have left out the problem. Raises
    CorrectionError where a value is not the one that was to be corrected.
    """
    by_id: dict[str, list[Correction]] = {}
    for entry in corrections:
        by_id.setdefault(entry.problem_id, []).append(entry)
    if not by_id:
        return list(rows)
    if id_column is None:
        raise CorrectionError("corrections name problems, so fields.problem_id must name a column")
    return [_corrected(row, by_id.get(str(row.get(id_column)), ())) for row in rows]


def _corrected(row: Row, corrections: Sequence[Correction]) -> Row:
    if not corrections:
        return row
    changed = dict(row)
    for entry in corrections:
        if entry.column is not None:
            if changed.get(entry.column) != entry.old:
                raise CorrectionError(
                    f"the correction of '{entry.problem_id}' replaces {entry.old!r} in '{entry.column}', "
                    f"where the source has {changed.get(entry.column)!r}"
                )
            changed[entry.column] = entry.new
        log.info("%s: corrected: %s (%s)", entry.problem_id, entry.reason, entry.source)
    changed[MARK] = [{"reason": entry.reason, "source": entry.source} for entry in corrections]
    return changed
