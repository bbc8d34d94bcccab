"""The five labels of a pairwise verdict, Arena-Hard's, from a clear win of A to one of B."""

from __future__ import annotations

from typing import Literal, get_args

Label = Literal["A>>B", "A>B", "A=B", "B>A", "B>>A"]
LABELS: tuple[Label, ...] = get_args(Label)
STRENGTHS: dict[Label, int] = {"A>>B": 2, "A>B": 1, "A=B": 0, "B>A": -1, "B>>A": -2}
_MIRRORED: dict[Label, Label] = dict(zip(LABELS, reversed(LABELS), strict=True))


def mirrored(label: Label) -> Label:
    """The same verdict with the two answers' places exchanged."""
    return _MIRRORED[label]
