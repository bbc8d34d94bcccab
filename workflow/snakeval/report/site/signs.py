"""What is odd about one sample: a refusal, an answer in another script, a right answer called wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator

from snakeval.report.joined import Joined
from snakeval.scoring.samples import asked

REFUSAL, SCRIPT, EQUAL = "refusal", "script", "equal"
BEGIN, SCRIPT_SHARE, SCRIPT_LETTERS = 240, 0.2, 20
_REFUSED = re.compile(
    r"\W*(?:i(?: a|['\u2019]?)m (?:very |really |so )?sorry|sorry(?=,)|i apologi[sz]e|"
    r"(?:unfortunately,? )?i (?:can['\u2019]?t|cannot|can not|won['\u2019]?t|will not)|"
    r"i(?: a|['\u2019])m (?:not able|unable) to|as an ai)\b",
    re.IGNORECASE,
)
_TO = re.compile(
    r"\b(?:assist|help|provide|comply|fulfil+|discuss|engage|do that|support|request)\b", re.IGNORECASE
)
# Scripts that an answer can change into; Greek stands in formulas.
_SCRIPTS = {
    "Chinese, Japanese or Korean": re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]"),
    "Cyrillic": re.compile("[\u0400-\u04ff]"),
    "Arabic": re.compile("[\u0600-\u06ff]"),
    "Hebrew": re.compile("[\u0590-\u05ff]"),
    "Devanagari": re.compile("[\u0900-\u097f]"),
    "Thai": re.compile("[\u0e00-\u0e7f]"),
    "Latin": re.compile("[A-Za-z\u00c0-\u024f]"),
}
_LETTER = re.compile(r"[^\W\d_]")
_FORMULA = re.compile(r"```.*?(?:```|\Z)|\$[^$\n]*\$|\\[A-Za-z]+", re.DOTALL)


def of(each: Joined) -> Iterator[str]:
    """The signs of one sample."""
    answer = each.parts and each.parts.answer
    if not answer:
        return
    if refuses(answer):
        yield REFUSAL
    if changes_script(asked(each.problem) or "", answer):
        yield SCRIPT
    if any(
        _equal(grade.extracted, each.problem.reference) and grade.reward == 0
        for grade in each.grades.values()
    ):
        yield EQUAL


def refuses(answer: str) -> bool:
    """Whether an answer begins with the words that models decline with, in English."""
    begin = answer[:BEGIN]
    found = _REFUSED.match(begin)
    return found is not None and _TO.search(begin, found.end()) is not None


def changes_script(problem: str, answer: str) -> bool:
    """Whether much of an answer is in a script that its problem hardly has; formulas and code do not count.

    Languages of one script are not told apart.
    """
    if problem.isascii() and answer.isascii():
        return False
    asked_in, said_in = _shares(problem), _shares(answer)
    return any(
        share >= SCRIPT_SHARE and count >= SCRIPT_LETTERS and asked_in[name][0] < SCRIPT_SHARE / 4
        for name, (share, count) in said_in.items()
    )


def _shares(text: str) -> dict[str, tuple[float, int]]:
    """Of each script, its share of a text's letters and how many they are."""
    plain = _FORMULA.sub(" ", text)
    letters = len(_LETTER.findall(plain))
    counts = {name: len(found.findall(plain)) for name, found in _SCRIPTS.items()}
    return {name: (count / letters if letters else 0.0, count) for name, count in counts.items()}


def _equal(extracted: str | None, reference: str | None) -> bool:
    """Whether an answer is its golden answer, letter by letter but for white space."""
    return bool(extracted and reference) and _bare(extracted) == _bare(reference)


def _bare(text: str | None) -> str:
    return "".join((text or "").split())
