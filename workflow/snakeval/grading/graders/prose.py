"""What stands in prose around a formula or a number: none of it is left out on the way to `correct`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from snakeval.answers.quantities import quantity
from snakeval.answers.units import MAGNITUDES, UNITS, singular

_MATH = re.compile(r"(?<!\\)\$\$?([^$]+)(?<!\\)\$\$?|\\\((.{1,2000}?)\\\)|\\\[(.{1,2000}?)\\\]", re.DOTALL)
_RIGHT_SIDE = re.compile(r"=|\\approx(?![A-Za-z])")
_LINES = re.compile(r"\\(?:begin|end)\s*\{(?:aligned|align\*?|gathered|split|equation\*?)\}")
_BEFORE = re.compile(
    r"\b(?:(?:more|less|fewer|greater|larger|smaller)\s+than|between\s+\S{1,20}\s+and)\s+\S?\Z", re.IGNORECASE
)
_BEHIND = re.compile(
    r"[\s*$)\\]*(?:(?:or|and)\s+(?:more|less|fewer|greater|higher|above|below)\b)", re.IGNORECASE
)
_GLUED = re.compile(r"[\u221a^_\u00b2\u00b3]|[A-Za-z]+")
_ORDINALS = frozenset({"st", "nd", "rd", "th", "am", "pm"})
_NEXT_WORD = re.compile(r"[\s$*_)\]}\\]*(?:text\w*\{\s*)?([^\W\d_]+)")
_MEASURED = re.compile(r"[ \t]*[^\W\d_][^\d.,;:!?\n]{0,40}")
_BARE_UNIT = re.compile(r"(\d\s*)([A-Za-z])\Z")
_WINDOW = 60


def has_formulas(text: str) -> bool:
    """Whether formulas stand in a text between delimiters."""
    return _MATH.search(text) is not None


def formulas(text: str, found: str) -> Iterator[str]:
    """What the formula between delimiters that holds `found` says: all of it, and its last side."""
    end = text.rfind(found)
    for match in _MATH.finditer(text):
        if match.start() <= end < match.end():
            content = str(match[1] or match[2] or match[3]).strip()
            if _LINES.search(content):
                content = _LINES.sub(" ", content).replace("&", " ")
            yield content
            yield _RIGHT_SIDE.split(content)[-1].strip(" .,\\")


def is_qualified(text: str, found: str) -> bool:
    """Whether words before or behind what was found, where it stands last, make it another answer."""
    before, behind = _around(text, found)
    following = _NEXT_WORD.match(behind)
    is_magnitude = following is not None and singular(following[1]) in MAGNITUDES
    return is_magnitude or _BEFORE.search(before) is not None or _BEHIND.match(behind) is not None


def is_part(text: str, found: str, gold: str) -> bool:
    """Whether a number in prose is part of a formula, or has another unit than the golden answer."""
    behind = _around(text, found)[1]
    if (glued := _GLUED.match(behind)) and not _is_unit(glued[0]):
        return True
    measured = _MEASURED.match(behind)
    wanted = _known_unit(_BARE_UNIT.sub(r"\1\\text{ \2}", gold))
    given = _known_unit(found + measured[0]) if measured else {}
    return bool(wanted and given) and wanted != given


def _known_unit(text: str) -> dict[str, int]:
    """A quantity's unit without the words that nobody knows, as in `42 cm long`."""
    return {name: power for name, power in quantity(text).unit.items() if name in UNITS.values()}


def _around(text: str, found: str) -> tuple[str, str]:
    start = text.rfind(found)
    if start < 0:
        return "", ""
    return text[max(0, start - _WINDOW) : start], text[start + len(found) :][:_WINDOW]


def _is_unit(glued: str) -> bool:
    return len(glued) > 1 and (glued.lower() in _ORDINALS or singular(glued) in UNITS.values())
