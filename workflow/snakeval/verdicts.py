"""The verdict of a pairwise judge: one of Arena-Hard's five labels, found in its text or not at all.

The patterns are tried in order, the double brackets that the judge is asked for before single ones. Of the
first pattern that matches, the last match is the verdict; it is None when that is no label (`[[A>>A]]`) or
when an earlier match is another label. Arena-Hard v0.1 treats a contradiction in the same way; v2.0 takes the
last match whatever stood before, and both keep strings such as `A>>A`, which this module does not.
"""

from __future__ import annotations

import re
from typing import Literal, get_args

Label = Literal["A>>B", "A>B", "A=B", "B>A", "B>>A"]
LABELS: tuple[Label, ...] = get_args(Label)

_VERDICT = r"[\s*_`]*([A-Z]\s*[<>=]+\s*[A-Z])[\s*_`]*"
PATTERNS = (
    re.compile(rf"\[\[{_VERDICT}\]\]"),
    re.compile(rf"(?<!\[)\[{_VERDICT}\](?!\])"),
)
_SPELLINGS: dict[str, Label] = {
    **{label: label for label in LABELS},
    "B<<A": "A>>B",
    "B<A": "A>B",
    "B=A": "A=B",
    "A<B": "B>A",
    "A<<B": "B>>A",
}
_MIRRORED: dict[Label, Label] = dict(zip(LABELS, reversed(LABELS), strict=True))


def extract_label(text: str) -> Label | None:
    """The verdict in a judge's text, None where there is none or it contradicts itself; never a guess.

    Spaces and Markdown emphasis inside the brackets are ignored; `A<B` reads as `B>A`, `A<<B` as `B>>A`.
    """
    for pattern in PATTERNS:
        found = [re.sub(r"\s", "", match) for match in pattern.findall(text)]
        if found:
            labels = {_SPELLINGS[match] for match in found if match in _SPELLINGS}
            last = _SPELLINGS.get(found[-1])
            return last if labels == {last} else None
    return None


def mirrored(label: Label) -> Label:
    """The same verdict with the two answers' places exchanged."""
    return _MIRRORED[label]
