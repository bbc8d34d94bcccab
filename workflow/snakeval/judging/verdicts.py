"""The verdict of a pairwise judge: one of Arena-Hard's five labels, found in its text or not at all.

The patterns are tried in order, the double brackets that the judge is asked for before single ones. Of the
first pattern that matches, the last match is the verdict; it is None when that is no label (`[[A>>A]]`) or
when an earlier match is another label.

The published tools read otherwise, and are here under their names (`CONVENTIONS`) for those who reproduce
their figures. Both know labels without spaces or emphasis only and keep what they find as it stands, `A>>A`
and `A<B` among them. Arena-Hard v0.1 knows double brackets alone, and is null where two matches differ, be it
in spelling; v2.0 knows single ones too, and takes the last match whatever stood before.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from snakeval.statistics.labels import LABELS, Label

_VERDICT = r"[\s*_`]*([A-Z]\s*[<>=]+\s*[A-Z])[\s*_`]*"
PATTERNS = (
    re.compile(rf"\[\[{_VERDICT}\]\]"),
    # A literal bracket first: so the text is searched for one, and looked at nowhere else.
    re.compile(rf"\[(?<!\[\[){_VERDICT}\](?!\])"),
)
_SPELLINGS: dict[str, Label] = {
    **{label: label for label in LABELS},
    "B<<A": "A>>B",
    "B<A": "A>B",
    "B=A": "A=B",
    "A<B": "B>A",
    "A<<B": "B>>A",
}
_OFFICIAL = (re.compile(r"\[\[([AB<>=]+)\]\]"), re.compile(r"\[([AB<>=]+)\]"))


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


def normalized(label: str | None) -> Label | None:
    """A published label in this module's spelling (`A<B` is `B>A`); None for one that is none, as `A>>A`."""
    return _SPELLINGS.get(label) if label else None


def arena_hard_v0_1(text: str) -> str | None:
    """What lmarena/arena-hard-auto stored for v0.1 (get_score in gen_judgment.py, commit 01109e9)."""
    found = set(_OFFICIAL[0].findall(text))
    return found.pop() if len(found) == 1 else None


def arena_hard_v2_0(text: str) -> str | None:
    """What lmarena/arena-hard-auto stores for v2.0 (get_score in gen_judgment.py, commit 9aa749d)."""
    capitals = text.upper()
    return next((found[-1] for pattern in _OFFICIAL if (found := pattern.findall(capitals))), None)


CONVENTIONS: dict[str, Callable[[str], str | None]] = {
    "snakeval": extract_label,
    "arena_hard_v0_1": arena_hard_v0_1,
    "arena_hard_v2_0": arena_hard_v2_0,
}
