"""Instructions that count: `count:` and `ratio:`."""

from __future__ import annotations

import re

from snakeval.grading.instructions import lists
from snakeval.grading.instructions.texts import (
    Arguments,
    Checker,
    bare_words,
    sentences,
    tokens,
    trimmed,
    unpunctuated,
)

_WORD = re.compile(r"\w+")
_JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
_CLOSING = "\"'\u201d\u2019)]"
_INTERROBANGS = ("?!", "!?", "\u203d")
_CONJUNCTIONS = frozenset(["and", "but", "for", "nor", "or", "so", "yet"])
_NAMES = frozenset(lists.NAMES.split())
_PRONOUNS = frozenset(lists.PRONOUNS.split())
_STOP_WORDS = frozenset(lists.STOP_WORDS.split())


def _word_range(text: str, given: Arguments) -> bool:
    return int(given["min_words"]) <= len(_WORD.findall(text)) <= int(given["max_words"])


def _unique_words(text: str, given: Arguments) -> bool:
    return len({trimmed(word) for word in text.lower().split()} - {""}) >= int(given["N"])


def _conjunctions(text: str, given: Arguments) -> bool:
    """Different words; the authors count `And` and `and,` beside `and`."""
    found = _CONJUNCTIONS & {trimmed(word) for word in text.lower().split()}
    return len(found) >= int(given["small_n"])


def _keywords(text: str, given: Arguments) -> bool:
    """Counted wherever they stand, within other words, too."""
    wanted = zip(range(1, 6), (1, 2, 3, 5, 7), strict=True)
    low = text.lower()
    return all(low.count(given[f"keyword{i}"].strip().lower()) == count for i, count in wanted)


def _numbers(text: str, given: Arguments) -> bool:
    """Numbers in digits; 1,000.5 is one."""
    return len(re.findall(r"\d+", unpunctuated(text))) == int(given["N"])


def _person_names(text: str, given: Arguments) -> bool:
    return sum(re.search(rf"\b{name}\b", text) is not None for name in _NAMES) >= int(given["N"])


def _pronouns(text: str, given: Arguments) -> bool:
    """`she/her` is two."""
    words = tokens(text.replace("/", " ").lower())
    return sum(word in _PRONOUNS for word in words) >= int(given["N"])


def _punctuation(text: str, given: Arguments) -> bool:
    """An interrobang, and beside it each of `.,!?;:`."""
    bang = next((each for each in _INTERROBANGS if each in text), None)
    return bang is not None and set(".,!?;:") <= set(text.replace(bang, "", 1))


def _japanese(text: str, given: Arguments) -> bool:
    """Every Nth word holds a kana or a kanji; one of digits or punctuation alone may stand there, too."""
    step = int(given["N"])
    words = [trimmed(word) for word in text.split()][step - 1 :: step]
    return all(not word or word.isdigit() or _JAPANESE.search(word) for word in words)


def _stop_words(text: str, given: Arguments) -> bool:
    words = _WORD.findall(text)
    stopping = sum(word.lower() in _STOP_WORDS for word in words)
    return bool(words) and 100 * stopping / len(words) <= float(given["percentage"])


def _endings(text: str) -> tuple[int, int, int]:
    """How many sentences end in a full stop, a question mark, an exclamation mark, within quotes or not."""
    found = [sentence.rstrip(_CLOSING) for sentence in sentences(text)]
    stops, asks, calls = (sum(sentence.endswith(mark) for sentence in found) for mark in ".?!")
    return stops, asks, calls


def _sentence_types(text: str, given: Arguments) -> bool:
    stops, asks, _ = _endings(text)
    return stops == 2 * asks > 0


def _sentence_balance(text: str, given: Arguments) -> bool:
    stops, asks, calls = _endings(text)
    return stops == asks == calls > 0


def _sentence_lengths(text: str, given: Arguments) -> bool:
    """Three sentences of one length in characters with no word in common, which the authors forget."""
    found = sentences(text)
    words = [word for sentence in found for word in set(bare_words(sentence))]
    lengths = {len(sentence.strip()) for sentence in found}
    return len(found) == 3 and len(lengths) == 1 and len(words) == len(set(words))


def _overlap(text: str, given: Arguments) -> bool:
    """Trigrams of characters: the share of the text's that the reference has, too, give or take 2%."""
    grams, known = (
        {each[i : i + 3] for i in range(len(each) - 2)} for each in (text, given["reference_text"])
    )
    return bool(grams) and abs(100 * len(grams & known) / len(grams) - float(given["percentage"])) <= 2


COUNTS = {
    "count:word_count_range": Checker(_word_range, ("min_words", "max_words")),
    "count:unique_word_count": Checker(_unique_words, ("N",)),
    "count:conjunctions": Checker(_conjunctions, ("small_n",)),
    "count:keywords_multiple": Checker(_keywords, tuple(f"keyword{i}" for i in range(1, 6))),
    "count:numbers": Checker(_numbers, ("N",)),
    "count:person_names": Checker(_person_names, ("N",)),
    "count:pronouns": Checker(_pronouns, ("N",)),
    "count:punctuation": Checker(_punctuation),
    "count:words_japanese": Checker(_japanese, ("N",)),
    "ratio:stop_words": Checker(_stop_words, ("percentage",)),
    "ratio:sentence_type": Checker(_sentence_types),
    "ratio:sentence_balance": Checker(_sentence_balance),
    "ratio:sentence_words": Checker(_sentence_lengths),
    "ratio:overlap": Checker(_overlap, ("reference_text", "percentage")),
}
