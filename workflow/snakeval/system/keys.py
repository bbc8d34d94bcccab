"""Keys that this process has read, taken out of all that it writes: causes, logs, rows.

A server may send back the key that it got: in an error, a redirect, a name, as it is or as URLs, JSON, HTML,
base64 or hexadecimal digits spell it. Half of one is taken out as well, which is what a cut text may hold.
"""

from __future__ import annotations

import base64
import html
import json
from functools import cache
from urllib.parse import quote, quote_plus

# A shorter one is no secret, and a word that texts may have.
SHORTEST = 8
# A model's own words are changed only for what can be no word of theirs.
SHORTEST_IN_TEXT = 16
REPLACEMENT = "[key]"
_known: set[str] = set()


def know(key: str | None) -> None:
    """Take a key out of what this process writes from now on."""
    if key and len(key) >= SHORTEST:
        _known.add(key)


def without_keys(text: str) -> str:
    """A text with every known key replaced, and every half of one at its beginning or end."""
    spelled = [spelling for key in _known for spelling in _spellings(key)]
    for spelling in spelled:  # what is whole first: the half of one spelling may be a part of another
        text = text.replace(spelling, REPLACEMENT)
    for spelling in spelled:
        half = max(SHORTEST, (len(spelling) + 1) // 2)
        text = _without_end(_without_start(text, spelling, half), spelling, half)
    return text


def answer_without_keys(text: str) -> str:
    """A model's own words with every known key replaced that is whole, and long enough to be none of them."""
    for key in _known:
        if len(key) >= SHORTEST_IN_TEXT:
            for spelling in _spellings(key):
                text = text.replace(spelling, REPLACEMENT)
    return text


@cache
def _spellings(key: str) -> tuple[str, ...]:
    raw = key.encode(errors="replace")
    spelled = [key, quote(key), quote(key, safe=""), quote_plus(key), json.dumps(key)[1:-1], html.escape(key)]
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for before in range(3):  # characters that share their bits with what stands around it are left out
            code = encode(b"\0" * before + raw).decode().rstrip("=")
            spelled.append(code[(0, 2, 3)[before] : len(code) - ((len(raw) + before) % 3 > 0)])
    spelled += [raw.hex(), raw.hex().upper()]
    return tuple(dict.fromkeys(each for each in spelled if len(each) >= SHORTEST))


def _without_start(text: str, secret: str, half: int) -> str:
    """A text without a secret, nor so much of its beginning or more."""
    pieces = text.split(secret[:half])
    for index, piece in enumerate(pieces[1:], start=1):
        pieces[index] = piece[_common(piece, secret[half:]) :]
    return REPLACEMENT.join(pieces)


def _without_end(text: str, secret: str, half: int) -> str:
    """A text without so much of a secret's end or more."""
    pieces = text.split(secret[-half:])
    for index, piece in enumerate(pieces[:-1]):
        pieces[index] = piece[: len(piece) - _common(piece[::-1], secret[-half - 1 :: -1])]
    return REPLACEMENT.join(pieces)


def _common(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    return next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
