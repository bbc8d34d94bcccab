r"""What stands in a text's last `\boxed{}`."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass

from snakeval.answers.units import UNITS, singular

_BOX = re.compile(r"\\(?:begin)?(?:boxed|fbox)\s*\{|\\.|[{}]", re.DOTALL)
_FIRST_BOX = re.compile(r"\\(?:begin)?(?:boxed|fbox)\s*\{")
_UNBRACED_BOX = re.compile(r"\\boxed\s+([-+]?\w[\w.,/]*)")
_CUT_WORDS = (r"\box", r"\boxe", r"\boxed", r"\fbox")
_NOTHING = re.compile(r"(?:[\s.…_?~]|\\[\s,;:!_]|\\(?:q?quad|[lc]?dots)\b|\\(?:text|mathrm)\{\s*\})*")
_PERCENT = re.compile(r"\s{0,9}(?:\$|\\[)\]])?\s{0,9}(?:\\?%|percent(?:age)?\b|pct\b)", re.IGNORECASE)
_BETWEEN_BOXES = re.compile(
    r"(?:[\s,;$&~*]|\\[\s,;:!()\[\]]|\\q?quad\b|\b(?:and|or)\b|\\(?:text|textrm|mathrm)\{[\s,;]*+(?:(?:and|or)[\s,;]*+)?\}"
    r"|\b[A-Za-z](?:_\{?\w{1,3}\}?)?\s*=)*"
)
_LONGEST_GAP = 60

# What stands behind a box and changes its value: powers, factors, an integral's constant, magnitudes, units.
_FACTORS = re.compile(
    r"(?:[ \t~]{0,3}(?:\^\s?(?:\{[^{}]{1,40}\}|\\[a-z]{1,9}|\w)|\\pi(?![a-z])|\\sqrt\s?\{[^{}]{1,20}\}"
    r"|\\(?:times|cdot)\s{0,3}10\s{0,3}\^\s{0,3}(?:\{[^{}]{1,9}\}|\d)))+|[ixyznkt](?![A-Za-z'\u2019])"
)
_CONSTANT = re.compile(r"[ \t~]{0,3}\+[ \t]{0,3}C(?![A-Za-z])")
_MAGNITUDE = re.compile(
    r"(?:[ \t~$*]|\\[,;:! )\]]|\\(?:text|mathrm)\s?\{){0,9}(dozen|hundred|thousand|[mb]illion|trillion)s?"
    r"(?![A-Za-z])",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"(?:[ \t~]|\\[,;:! ]){0,4}\\(?:text|mathrm)\s?\{([^{}\d]{1,30})\}(?:\s?\^\s?\{?-?\d\}?)?(?![^\W\d_])"
)

# A sign before a box, and what may stand between the two.
_SIGN = re.compile(r"(-|\u2212|\\pm|\\mp)((?:[ \t~$]|\\[,;!:(])*)\Z")
_SIGNS = {"\u2212": "-", r"\pm": r"\pm ", r"\mp": r"\mp "}
_BEFORE_SIGN = re.compile(
    r"(?:[=$(\[{:,;~&*<>≈≤≥≠]|\\(?:approx|equiv|sim|leq?|geq?|neq?|to|implies|iff|quad|qquad|therefore|left"
    r"|(?:Long)?[Rr]ightarrow))\Z"
)
_WORD_BEFORE_SIGN = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,}[.!]?[ \t]+\Z")
_SIGN_WINDOW = 100
_SUM = re.compile(r"[-+=<>\u2212±,]|\\(?:pm|mp|leq?|geq?)\b")


def boxed(text: str) -> str | None:
    """What `last_box` finds, None where that is nothing."""
    return last_box(text) or None


def last_box(text: str, *, behind: bool = False) -> str | None:
    r"""Content of the last `\boxed{...}` or `\fbox{...}`; None if there is none.

    "" where the last box was never closed or holds nothing: what an earlier box holds was not the last word.
    Boxes that only separators stand between are one answer and are joined by commas, as in
    `\boxed{2} and \boxed{3}` or `x = \boxed{2}, y = \boxed{3}`. A sign before the box, which no operand
    precedes, and a percent sign behind it belong to the answer; with `behind`, so does what else stands there
    and changes its value, as in `\boxed{1.5} million`, `\boxed{3}\times 10^5`, `\boxed{10}\text{ cm}`. Takes
    time proportional to the text's length, whatever it holds.
    """
    boxes, complete = _boxes(text)
    if not complete or text[-20:].rstrip().endswith(_CUT_WORDS):
        return ""
    if not boxes:
        return _unbraced(text)
    run = [boxes.pop()]
    while boxes and _is_separator(text, boxes[-1].end, run[-1].start):
        run.append(boxes.pop())
    answer = ", ".join(dict.fromkeys(box.content(text) for box in reversed(run)))
    percent = _PERCENT.match(text, run[0].end)
    if percent and not answer.endswith("%"):
        return answer + r"\%"
    return _with_what_follows(answer, text, run[0].end) if behind else answer


def _with_what_follows(answer: str, text: str, end: int) -> str:
    """An answer with what stands behind its box and changes its value."""
    if factors := _FACTORS.match(text, end):
        answer = (f"({answer})" if _SUM.search(answer) else answer) + factors[0].lstrip(" \t~")
        end = factors.end()
    if constant := _CONSTANT.match(text, end):
        return answer + constant[0]
    if magnitude := _MAGNITUDE.match(text, end):
        return rf"{answer}\text{{ {magnitude[1].lower()}}}"
    unit = _UNIT.match(text, end)
    known = unit and all(singular(word) in UNITS.values() for word in re.findall(r"[^\W_]+", unit[1]))
    return answer + unit[0] if unit and known else answer


@dataclass(frozen=True, slots=True)
class _Box:
    """Where a box stands with its sign, and where its content, or that of the one box that is all of it."""

    start: int
    end: int
    inside: tuple[int, int]
    sign: str

    def content(self, text: str) -> str:
        content = text[slice(*self.inside)].strip()
        if not self.sign:
            return content
        return self.sign + (f"({content})" if _SUM.search(content) else content)


def _boxes(text: str) -> tuple[list[_Box], bool]:
    """The outermost balanced boxes with some content, in order; whether the last of all is one of them."""
    found: list[_Box] = []
    opened: list[re.Match[str]] = []
    last: re.Match[str] | None = None
    complete = True
    first = _FIRST_BOX.search(text)
    for token in _BOX.finditer(text, first.start()) if first else ():
        if token[0] == "}":
            opening = opened.pop() if opened else None
            if opening is None or opening[0] == "{":
                continue
            if (box := _closed(text, opening, token, found)) is not None:
                complete = complete or opening is last
                found.append(box)
        elif token[0].endswith("{") and token[0] != r"\{":
            opened.append(token)
            if token[0] != "{":
                last, complete = token, False
    return found, complete


def _closed(text: str, opening: re.Match[str], closing: re.Match[str], found: list[_Box]) -> _Box | None:
    """A box that ends, instead of those in it; None where it holds nothing."""
    inner: _Box | None = None
    while found and found[-1].start >= opening.end():
        inner = found.pop()
    begin, end = opening.end(), closing.start()
    if inner is None and _NOTHING.fullmatch(text, begin, end):
        return None
    start, sign = _sign(text, opening.start())
    alone = inner is not None and not (text[begin : inner.start] + text[inner.end : end]).strip()
    if inner is None or not alone:
        return _Box(start, closing.end(), (begin, end), sign)
    both = inner.sign if inner.sign.startswith("\\") or not sign else sign if not inner.sign else ""
    return _Box(start, closing.end(), inner.inside, both)


def _sign(text: str, start: int) -> tuple[int, str]:
    """Where what stands at `start` begins with its sign, and the sign."""
    before = text[max(0, start - _SIGN_WINDOW) : start]
    sign = _SIGN.search(before)
    if sign is None or not _is_sign(before[: sign.start()], sign[1], sign[2]):
        return start, ""
    return start - len(sign[0]), _SIGNS.get(sign[1], sign[1])


def _is_sign(before: str, sign: str, gap: str) -> bool:
    """Whether a minus belongs to what follows: not as a bullet, a dash or an operator does."""
    spaced = sign in ("-", "\u2212") and gap[:1] in (" ", "\t")
    left = before.rstrip(" \t")
    if not left or left.endswith("\n") or _WORD_BEFORE_SIGN.search(before):
        return not spaced
    return _BEFORE_SIGN.search(left) is not None


def _unbraced(text: str) -> str | None:
    last = deque(_UNBRACED_BOX.finditer(text), maxlen=1)
    return _sign(text, last[0].start())[1] + str(last[0][1]).rstrip(".,") if last else None


def _is_separator(text: str, start: int, end: int) -> bool:
    return end - start <= _LONGEST_GAP and _BETWEEN_BOXES.fullmatch(text[start:end]) is not None
