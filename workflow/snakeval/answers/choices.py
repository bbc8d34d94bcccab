r"""Which option of a multiple choice question a text picks: `C`, `(C) 42`, `\textbf{(C) }42`, "Answer: C"."""

from __future__ import annotations

import re
import unicodedata

from snakeval.answers.boxes import last_box
from snakeval.answers.markup import in_json, plain, tagged

LETTERS = "ABCDEFGHIJ"  # MMLU-Pro has ten options
_LETTER = r"[A-Ja-j]"
_LONGEST = 1000  # characters of a box or an option that are looked at

_FONT = re.compile(r"\\(?:text|math|bold|bm|mbox|operatorname|rm|bf)[A-Za-z]*\s{0,3}(?=\{)")
_NOISE = re.compile(
    r"</?(?:b|i|u|em|strong|code|p|span)>|<\|[\w|]{1,30}\|>|</s>|\\[()\[\],;:! ]|\\q?quad\b"
    r"|[{}$*`~\"\u201c\u201d]|(?<![A-Za-z0-9])['_]|['_](?![A-Za-z0-9])"
)
# What follows reads what `_bare` gives, where no two spaces stand together: none of it repeats a space.
_LEAD = r"(?:the\s)?(?:(?:correct|right|best|final|most\slikely)\s)?(?:answer|option|choice|letter)"
_ALONE = re.compile(
    rf"\s?(?:{_LEAD}\s?(?:is|:)?\s?)?(?:(?:option|choice|letter)\s?:?\s?)?"
    rf"[(\[]?\s?({_LETTER})\s?[)\]]?\s?[.:,]?\s?",
    re.IGNORECASE,
)
_LONE = re.compile(rf"\s?[(\[]?\s?({_LETTER})\s?[)\]]?\s?\.?\s?")
# `C) 42`, `(C)42`, `C: 42`, `C. 42`, `C - 42`: an option with its text.
_OPTION = re.compile(
    rf"\s?(?:(?:(?i:option|choice))\s)?(?:\(\s?({_LETTER})\s?\)|\[\s?({_LETTER})\s?\]"
    rf"|({_LETTER})\s?(?:[).:]|\s[-\u2013\u2014]\s))"
)
_OTHER = re.compile(rf"(?<![A-Za-z])(?:\(\s?({_LETTER})\s?\)|({_LETTER})[).:])(?=\s|$)")
_HEDGE = re.compile(
    rf"\s?(?:[,/&]|or\b|and\b)\s?(?:or\b|and\b)?\s?[(\[]?({_LETTER})(?![A-Za-z0-9'\u2019])", re.IGNORECASE
)
_LISTED = re.compile(rf"[^\n]{{0,40}}(?:[,;&]|\bor\b|\band\b)\s?[(\[]?({_LETTER})[).:]", re.IGNORECASE)
_SENTENCE = re.compile(
    r"\s?(?:is|are|was|were|can|could|does|has)\b(?!\s(?:the\s)?(?:correct|right|best|true|answer)\b)"
)
_LONGEST_OPTION = 100
_DECLINES = r"can\s?n[o']t|can[\u2019]t|unable|sorry|don['\u2019]?t\sknow|not\ssure|I['\u2019]m|I\sam"
_REFUSAL = re.compile(rf"\b(?:cannot|unclear|unknown|none\s+of|{_DECLINES})\b", re.IGNORECASE)
# Options themselves say "None of the above", "Cannot be determined"; behind `A:` an answer may say it.
_REFUSAL_IN_OPTION = re.compile(rf"\b(?:(?:cannot|{_DECLINES})(?!\sbe\b))\b", re.IGNORECASE)
# What names an option: its letter must be followed by something that ends or explains it, or "a dog" is A.
_NAMED = re.compile(
    r"\b(?:(answer|option|choice)|choose|pick|select)\b(\s?[:=]|\s(?:is|(?:would|should|must)\sbe)\b:?)?"
    r"\s?(not\s)?\s?(?:(?:option|choice|letter)\b\s?:?\s?)?"
    rf"([(\[]?)\s?({_LETTER})(?![A-Za-z0-9'\u2019])\s?([)\]]?)(?=([^\n]{{0,80}}))",
    re.IGNORECASE,
)
# `Thus, C.` or `So C`, which is all of the last line.
_CONCLUDED = re.compile(
    r"(?:(?:so|thus|hence|therefore|ans)\b[\s,:]*|it(?:['\u2019]s|\sis|\smust\sbe)\s|i(?:['\u2019]ll|['\u2019]d|\swould|\swill)?\sgo\swith\s)"
    r"(?:(?:the\sanswer|option|choice)\s)?[(\[]?\s?((?-i:[A-J]))\s?[)\]]?\s?\.?",
    re.IGNORECASE,
)
_RIGHT = re.compile(r"\s?(?:is|seems|must\sbe)\s(?:the\s)?(?:correct|right|best|true|answer)\b")
# `C is correct` at the beginning of a sentence, the letter a capital or in brackets.
_CORRECT = re.compile(
    r"(?:^|[.,;:!?] |\b(?:[Oo]ption|[Cc]hoice|[Ss]o|[Tt]hus|[Hh]ence|[Tt]herefore) )"
    r"(?:([A-J])|\(\s?([A-Ja-j])\s?\))"
    r" is (?:the )?(?:correct|right|answer|best (?:answer|option|choice))\b",
    re.MULTILINE,
)
_AFTER = re.compile(
    r"\s?(?:$|[.,;:!<)\]\u2013\u2014-]|\(|(?:because|since|as|for|which|that|with|where|is\s(?:correct|right))\b)"
)


def choice(text: str) -> str | None:
    """The letter, A to J in either case, of the one option that a text picks; None where it picks none.

    Looked for in the last `<answer>`, else the last box, else JSON's "answer"; else behind the last "answer
    is" or "Answer:"; else the whole text must be an option, or its first line, or its last line a lone letter
    or "So C". A text that lists or names several options picks none.
    """
    tag = tagged(text)
    if tag is not None and max(text.rfind("boxed"), text.rfind("fbox")) < tag[0]:
        return spelled(tag[1])
    box = last_box(text)
    if box is not None and (not box or (letter := spelled(box))):
        return letter if box else None
    if box is None and (value := in_json(text)) is not None:
        return spelled(value) if value else None
    lines = [bare for line in plain(text).split("\n") if (bare := _bare(line))]
    return _named("\n".join(lines)) or (_line(lines) if box is None else None)


def spelled(text: str) -> str | None:
    """The letter of a text that is an option's, alone or with the option's own text."""
    text = _bare(plain(text[:_LONGEST]))
    if alone := _ALONE.fullmatch(text):
        return alone[1]
    return _named(text) or _option(text)


def _bare(text: str) -> str:
    return " ".join(_NOISE.sub(" ", _FONT.sub("", unicodedata.normalize("NFKC", text))).split())


def _named(text: str) -> str | None:
    """What the last marker names, None where it is named as wrong, or is not the only one."""
    found: str | None = None
    for name in _NAMED.finditer(text):
        noun, verb, negated, opened, letter, closed, rest = name.groups()
        if not (closed or _AFTER.match(rest)) or (letter.islower() and not (opened or closed)):
            continue
        mentioned = noun and not verb and not _RIGHT.match(rest)  # as `option (C)` alone does
        if mentioned and (noun.lower() != "answer" or not closed or _SENTENCE.match(rest)):
            continue
        if negated:
            found = None if found == letter else found
        else:
            found = None if _HEDGE.match(rest) or _LISTED.match(rest) else letter
    if found is None:
        correct = {match[1] or match[2] for match in _CORRECT.finditer(text)}
        return correct.pop() if len(correct) == 1 else None
    return found


def _line(lines: list[str]) -> str | None:
    """The first line's option, or the last line's lone letter, unless the lines list options."""
    if not lines:
        return None
    listed = len(lines) > 1 and (_option(lines[1]) or _ALONE.fullmatch(lines[1]))
    if not listed:
        if alone := _ALONE.fullmatch(lines[0]):
            return alone[1]
        if first := _option(lines[0]):
            return first
    last = _LONE.fullmatch(lines[-1]) or _CONCLUDED.fullmatch(lines[-1])
    return last[1] if last and not (len(lines) > 1 and _ALONE.fullmatch(lines[-2])) else None


def _option(text: str) -> str | None:
    option = _OPTION.match(text)
    if option is None:
        return None
    letter, rest = option[1] or option[2] or option[3], text[option.end() : _LONGEST]
    others = {(other[1] or other[2]).upper() for other in _OTHER.finditer(rest)}
    refusal = _REFUSAL if letter in "Aa" else _REFUSAL_IN_OPTION
    if others - {letter.upper()} or refusal.search(rest) or _HEDGE.match(rest) or _SENTENCE.match(rest):
        return None
    if letter.islower() and len(rest) > _LONGEST_OPTION:  # `(a) First we ...`
        return None
    inside = _ALONE.fullmatch(rest) if letter in "Aa" else None  # `A: C`, where A is for "answer"
    return inside[1] if inside else letter
