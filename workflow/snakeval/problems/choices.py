"""Multiple choice whose options have columns of their own: their order, and the letter of the right one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from snakeval.formats.rows import Row
from snakeval.problems.cells import as_text

if TYPE_CHECKING:
    from snakeval.schema import Fields

OPTIONS = "options"
LETTERS = "ABCDEFGHIJ"


class ChoicesError(ValueError):
    """A row's options can't be told apart or are not there; the message says which column is at fault."""


def all_lettered(
    rows: Sequence[Row], fields: Fields, ids: Sequence[str], fault: Callable[[str, int], None]
) -> list[Row]:
    """The rows as `lettered` makes them; what is wrong with one is told to `fault`, with its place."""
    made = []
    for index, (row, name) in enumerate(zip(rows, ids, strict=True)):
        try:
            made.append(lettered(row, fields, name))
        except ChoicesError as error:
            fault(str(error), index)
            made.append(row)
    return made


def lettered(row: Row, fields: Fields, problem_id: str) -> Row:
    """The row with its `options` in their order, and in the reference's column the letter of the right one.

    The order is that of a digest of the problem's id and the option, so it is the same for all models, runs
    and versions, and each option is as often in each place. The columns of options are left out of the row.
    Raises ChoicesError for an option that is empty or is the right one, too.
    """
    assert fields.reference is not None, "checked by the schema"
    columns = (fields.reference, *(fields.choices or ()))
    options = [as_text(row.get(column)).strip() for column in columns]
    for column, option in zip(columns, options, strict=True):
        if not option:
            raise ChoicesError(f"fields.choices: '{column}' is empty")
    if options[0] in options[1:]:
        raise ChoicesError(f"fields.choices: an option equals the right one, '{fields.reference}'")
    order = sorted(options, key=lambda option: _digest(problem_id, option))
    others = {column: value for column, value in row.items() if column not in columns}
    return {**others, OPTIONS: order, fields.reference: LETTERS[order.index(options[0])]}


def _digest(problem_id: str, option: str) -> str:
    return hashlib.sha256(f"{problem_id}\n{option}".encode(errors="surrogatepass")).hexdigest()
