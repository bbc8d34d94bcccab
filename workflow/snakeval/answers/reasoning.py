"""Separate a model's reasoning from its answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from snakeval.answers.finish import ending
from snakeval.answers.kinds import BEGINNINGS, KINDS, WRAPPERS
from snakeval.answers.mentions import NEAR, Context

if TYPE_CHECKING:
    from snakeval.schema import Reasoning

# Blocks by number: the model's own, those of the known kinds from 1 on, and one that any mark may close.
OWN, ANY = 0, -1
DEFAULT_START, DEFAULT_END = "<think>", "</think>"


@dataclass(frozen=True, slots=True)
class Split:
    """The answer in a text, None where its reasoning never ended.

    `foreign`: marks that are not known to be the model's own opened or closed reasoning in it.
    """

    answer: str | None
    foreign: bool


def separate(
    text: str, reasoning: Reasoning, server_reasoning: str | None = None, *, chat: bool = True
) -> str | None:
    """The answer in a model's text; None where a block of reasoning is not closed (see `split`)."""
    return split(text, reasoning, server_reasoning, chat=chat).answer


def split(
    text: str, reasoning: Reasoning, server_reasoning: str | None = None, *, chat: bool = True
) -> Split:
    """A model's text without its blocks of reasoning, and without white space around what is left.

    Blocks are those between `reasoning`'s marks and, where its `start` and `end` were not set by hand,
    between those of the known kinds (`snakeval.answers.kinds`). With `prefilled` the chat template has opened
    one before the text. A closing mark without an opening one closes whatever stands before it. Where text
    stands between several blocks the last counts. Marks that are only spoken of, or stand in code, are text
    (`snakeval.answers.mentions`). A text without blocks is its own answer, as it is.

    `server_reasoning` is the server's field for it, which may be empty, or None where the server has none.
    Where it holds text, the server has separated the two. Without `chat` there was no chat template, and
    `prefilled` counts only if it was set by hand.
    """
    marks = _marks(*_own(reasoning))
    if server_reasoning is not None and (server_reasoning.strip() or not marks.lead(text)):
        return Split(text.strip(), False)
    prefilled = bool(reasoning.prefilled) and (chat or "prefilled" in reasoning.model_fields_set)
    return marks.split(text, prefilled and server_reasoning is None)


def unclosed_at_server(text: str, server_reasoning: str | None, finish_reason: str | None) -> bool:
    """Whether a server that takes reasoning out was cut before the answer began."""
    return not text.strip() and bool(server_reasoning) and ending(finish_reason) == "truncated"


@dataclass(slots=True)
class _Walk:
    """What has been seen of a text: the block that is open, the text outside of blocks.

    `begin` is where the text or the block began that one is in. `inner` is the number of another mark in a
    block that opens one, where that ended, and whether it was only spoken of.
    """

    open: int | None
    begin: int = 0
    inner: tuple[int, int, bool] | None = None
    pieces: list[str] = field(default_factory=list)
    foreign: bool = False

    def quotes(self, match: re.Match[str], number: int) -> bool:
        """Whether a closing mark goes with an inner one on its line: both say how reasoning is marked."""
        if self.inner is None or self.inner[0] != number or match.start() - self.inner[1] > NEAR:
            return False
        _, start, spoken = self.inner
        goes_on = not spoken or match.string[match.end() : match.end() + 1] in (" ", "\t")
        return goes_on and match.string.find("\n", start, match.start()) < 0

    def found(self, number: int) -> None:
        self.foreign |= number != OWN


@dataclass(frozen=True, slots=True)
class _Marks:
    """What opens and closes blocks: an expression whose group s3 opens a block of number 3 and e3 closes one.

    It is slow to search with, so it is tried only where `beginnings` are.
    """

    beginnings: re.Pattern[str]
    mark: re.Pattern[str]
    words: frozenset[int]
    own: bool

    def lead(self, text: str) -> bool:
        """Whether a text begins with a mark that opens a block."""
        match = self.mark.match(text, len(text) - len(text.lstrip()))
        return match is not None and str(match.lastgroup).startswith("s")

    def all(self, text: str) -> Iterator[re.Match[str]]:
        """The marks in a text, none within another."""
        end = 0
        for found in self.beginnings.finditer(text):
            if found.start() >= end and (match := self.mark.match(text, found.start())):
                end = match.end()
                yield match

    def split(self, text: str, prefilled: bool) -> Split:
        """See the function of the same name."""
        walk = _Walk((OWN if self.own else ANY) if prefilled else None)
        context, lead = Context(text), len(text) - len(text.lstrip())
        for match in self.all(text):
            opens, number = str(match.lastgroup)[0] == "s", int(str(match.lastgroup)[1:])
            first = match.start() == lead
            if number in self.words and not (first if opens else walk.open == number):
                continue
            if context.mentions(match, opens, None if walk.open is not None else walk.begin, first):
                walk.inner = (number, match.end(), True) if opens else None
                continue
            self._take(walk, match, opens, number)
        if walk.open is not None:
            return Split(None, walk.foreign)
        if not walk.pieces and walk.begin == 0:
            return Split(text, False)
        return Split(_visible([*walk.pieces, text[walk.begin :]]), walk.foreign)

    @staticmethod
    def _take(walk: _Walk, match: re.Match[str], opens: bool, number: int) -> None:
        if opens and walk.open is None:
            walk.pieces.append(match.string[walk.begin : match.start()])
            walk.open, walk.begin, walk.inner = number, match.end(), None
            walk.found(number)
        elif opens:
            again = match.start() - walk.begin < NEAR and not match.string[walk.begin : match.start()].strip()
            if again:
                walk.begin = match.end()
            else:
                walk.inner = number, match.end(), False
        elif walk.open is not None and walk.quotes(match, number):
            walk.inner = None
        elif not opens and walk.open in (None, ANY, number):
            if walk.open is None:
                walk.pieces.clear()
            if walk.open != number:
                walk.found(number)
            walk.open, walk.begin, walk.inner = None, match.end(), None


@lru_cache(maxsize=256)
def _marks(starts: tuple[str, ...], ends: tuple[str, ...], by_hand: bool) -> _Marks:
    """The model's own marks before those of the known kinds, which do not count beside marks set by hand."""
    groups = [(f"s{OWN}", "|".join(map(re.escape, starts))), (f"e{OWN}", "|".join(map(re.escape, ends)))]
    for number, kind in enumerate(() if by_hand else KINDS, start=1):
        groups += zip((f"s{number}", f"e{number}"), kind.patterns, strict=True)
    mark = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in groups if pattern))
    first = [re.escape(each[0]) for each in (*starts, *ends)] + ([] if by_hand else [BEGINNINGS])
    words = frozenset(number for number, kind in enumerate(KINDS, start=1) if kind.words)
    return _Marks(re.compile("|".join(dict.fromkeys(first))), mark, words, own=bool(starts or ends))


def _visible(pieces: list[str]) -> str:
    """The last of the texts between blocks that says something, without what wraps answers."""
    saying = [piece for piece in pieces if re.search(r"\w", piece)]
    answer = (saying or pieces)[-1].strip()
    for start, end in WRAPPERS:
        if answer.startswith(start) and answer.endswith(end) and len(answer) >= len(start) + len(end):
            answer = answer[len(start) : len(answer) - len(end)].strip()
    return answer


def _own(reasoning: Reasoning) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    """The model's own marks, and whether they were set by hand: where one was, the other has a default."""
    by_hand = reasoning.model_fields_set & ({"start", "end"} if reasoning.end is not None else {"start"})
    starts, ends = _several(reasoning.start), _several(reasoning.end)
    if by_hand and not starts and "start" not in by_hand:
        starts = (DEFAULT_START,)
    return starts, ends or ((DEFAULT_END,) if by_hand else ()), bool(by_hand)


def _several(marks: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return (marks,) if isinstance(marks, str) else marks or ()
