"""Tell a mark that opens or closes reasoning from one that is only spoken of, or stands in code.

Where it is not clear the mark counts as one: rather an answer refused than reasoning graded.
"""

from __future__ import annotations

import re
from bisect import bisect_left

QUOTES = {"`": "`", "'": "'", '"': '"', "“": "”", "\u2018": "\u2019", "«": "»"}
# How far around a mark one looks on its line: bounded, so that a line of marks costs no square of its length.
NEAR = 400
_FENCE = re.compile(r"^[ \t]{0,3}(?:`{3,}|~{3,})([^\n]*)$", re.MULTILINE)
# The <think> tag, the <think>-token.
_NOUN = re.compile(
    r"[ \t-]+(?:tags?|tokens?|markers?|marks?|delimiters?|elements?|blocks?|sections?|strings?)\b"
)
# In the middle of a sentence: "write <think> first", "(<think>)", "the <think></think> tags".
_BEFORE = re.compile(r"(?:[\w,][ \t]+|\()$")
_AFTER = re.compile(r"[ \t]+[a-z(]|[.,;:)!?](?!\.)|(?:<|\[|◁)/")
# A closing mark may end a sentence that goes on without it, so the word before it has to lead on to it:
# "I end with </think> and", "the tag </think> closes".
_LEADS_ON = re.compile(
    r"\b(?:an?|add|after|and|before|by|called|clos(?:e|ing)|emit|end(?:ing)?|insert|is|of|or|output|print|put|says?|"
    r"tag|the|to|token|until|us(?:e|ing)|via|with|writ(?:e|ing))[ \t]+$",
    re.IGNORECASE,
)
_GOES_ON = re.compile(r"[ \t]+[a-z]|[.,;:)!?]")
# "<think>: what opens it", "<think>...</think>", wherever it stands.
_LISTED = re.compile(r"[:;,)](?:\s|$)|(?:\.{2,}|…)[ \t]*[<\[◁]")
# Between two marks that are named together: "<think> and </think>", "<think>...</think>".
_JOINED = re.compile(r"[ \t]*+(?:(?:and|or|to|/|,|&|-|\u2013|…|\.{2,})[ \t]*)?")


class Context:
    """The text around marks, which are asked for from first to last."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._fences: list[tuple[int, bool]] | None = None
        self._mentioned = -1  # where the last opening mark ended that was only spoken of

    def mentions(self, match: re.Match[str], opens: bool, answer: int | None, first: bool) -> bool:
        """Whether a mark is only spoken of.

        `answer` is where the text since the last block began, None within a block. A mark that is `first`
        in the text opens it.
        """
        if opens and first:
            return False
        before = self._text[max(0, match.start() - NEAR) : match.start()].rpartition("\n")[2]
        after = self._text[match.end() : match.end() + NEAR].partition("\n")[0]
        spoken = (
            _quoted(before, after)
            or (opens and before[-1:] == after[:1] == "*")
            or (answer is not None and self._fenced(answer, match.start()))
            or _NOUN.match(after) is not None
            or (_opens_nothing(before, after) if opens else _closes_nothing(before, after))
            or (not opens and self._joined(match.start()))
        )
        if spoken and opens:
            self._mentioned = match.end()
        return spoken

    def _joined(self, start: int) -> bool:
        """Whether a mark is named together with the opening one before it, which was spoken of."""
        near = 0 <= self._mentioned >= start - NEAR
        return near and _JOINED.fullmatch(self._text, self._mentioned, start) is not None

    def _fenced(self, begin: int, position: int) -> bool:
        """Whether a position is in a fenced block of the text from `begin` on, one that is closed again."""
        if self._fences is None:
            self._fences = [(match.start(), not match[1].strip()) for match in _FENCE.finditer(self._text)]
        first, after = (bisect_left(self._fences, (place, False)) for place in (begin, position))
        return (after - first) % 2 == 1 and after < len(self._fences) and self._fences[after][1]


def _quoted(before: str, after: str) -> bool:
    """Whether a mark stands in quotes, at one end of them at least, in inline code or in a table's cell."""
    for opening, closing in QUOTES.items():
        same = opening == closing
        inside = before.count(opening) % 2 == 1 if same else before.rfind(opening) > before.rfind(closing)
        beside = before[-1:] == opening or after[:1] == closing or opening == "`"
        if inside and beside and closing in after:
            return True
    return before.rstrip()[-1:] == after.lstrip()[:1] == "|"


def _opens_nothing(before: str, after: str) -> bool:
    return (_BEFORE.search(before) and _AFTER.match(after)) is not None or _LISTED.match(after) is not None


def _closes_nothing(before: str, after: str) -> bool:
    return _LEADS_ON.search(before) is not None and _GOES_ON.match(after) is not None
