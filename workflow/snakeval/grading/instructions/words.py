"""Instructions about words and the sentences they stand in: `words:` and `sentence:`."""

from __future__ import annotations

import importlib
import re
import string
from collections import Counter
from itertools import pairwise

from snakeval.grading.instructions.texts import (
    PUNCTUATION,
    Arguments,
    Checker,
    bare_words,
    increasing,
    part_of_speech,
    sentences,
    tokens,
    trimmed,
    unpunctuated,
)

_CLUSTER = re.compile("[bcdfghjklmnpqrstvwxyz]{2}")
_PRIMES = frozenset(n for n in range(2, 100) if all(n % divisor for divisor in range(2, n)))


def _alphabet(text: str, given: Arguments) -> bool:
    """From any letter on; after `z` comes `a`."""
    letters = [word[0] for word in bare_words(text)]
    order = string.ascii_lowercase
    return bool(letters) and all(
        first in order and second == order[(order.index(first) + 1) % 26]
        for first, second in pairwise([order[order.find(letters[0]) - 1], *letters])
    )


def _consonants(text: str, given: Arguments) -> bool:
    return all(_CLUSTER.search(word) for word in text.lower().split())


def _three_vowels(text: str, given: Arguments) -> bool:
    """One line with at most three of a, e, i, o, u in all of it."""
    line = text.strip()
    return "\n" not in line and len(set("aeiou") & set(line.lower())) <= 3


def _keyword_position(text: str, given: Arguments) -> bool:
    """Sentence n, word m, counted from one; punctuation marks are no words."""
    found, n, m = sentences(text), int(given["n"]), int(given["m"])
    words = [word for word in tokens(found[n - 1]) if any(map(str.isalnum, word))] if n <= len(found) else []
    return m <= len(words) and words[m - 1].lower() == given["keyword"].strip().lower()


def _second_and_last_but_one(text: str, given: Arguments) -> bool:
    """One punctuation mark at the end is no word; others, within the text, are."""
    words, keyword = tokens(text.lower()), given["keyword"].strip().lower()
    if words and words[-1] in PUNCTUATION:
        words.pop()
    return len(words) >= 2 and words[1] == words[-2] == keyword


def _last_first(text: str, given: Arguments) -> bool:
    pairs = pairwise(sentence.lower() for sentence in sentences(text))
    return all(_last(one) is not None and _last(one) == _first(two) for one, two in pairs)


def _last(sentence: str) -> str | None:
    words = sentence.rstrip(PUNCTUATION + " ").split()
    return words[-1] if words else None


def _first(sentence: str) -> str | None:
    words = sentence.lstrip(PUNCTUATION + " ").split()
    return words[0] if words else None


def _no_consecutive(text: str, given: Arguments) -> bool:
    return all(one[0] != two[0] for one, two in pairwise(bare_words(text)))


def _syllables(text: str, given: Arguments) -> bool:
    count = importlib.import_module("syllapy").count
    return all(one != two for one, two in pairwise(count(word) % 2 for word in bare_words(text)))


def _palindromes(text: str, given: Arguments) -> bool:
    """Ten in all; one that is repeated counts each time."""
    return sum(word == word[::-1] and len(word) >= 5 for word in bare_words(text)) >= 10


def _paragraph_last_first(text: str, given: Arguments) -> bool:
    """Each line is a paragraph."""
    paragraphs = [trimmed(line.strip().lower()).split() for line in text.split("\n")]
    return all(words[0] == words[-1] for words in paragraphs if words)


def _prime_lengths(text: str, given: Arguments) -> bool:
    return all(len(word) in _PRIMES for word in unpunctuated(text).split())


def _repeats(text: str, given: Arguments) -> bool:
    return max(Counter(bare_words(text)).values(), default=0) <= int(given["small_n"])


def _start_verb(text: str, given: Arguments) -> bool:
    tags = part_of_speech(tokens(text))
    return bool(tags) and "VB" in tags[0]


def _alliteration(text: str, given: Arguments) -> bool:
    """How many words of a sentence begin as their neighbour does, runs of them added up."""
    return increasing([_alliterative(sentence) for sentence in sentences(text)])


def _alliterative(sentence: str) -> int:
    starts = [word[0] for word in (word.lstrip(PUNCTUATION) for word in sentence.lower().split()) if word]
    same = [one == two for one, two in pairwise(starts)]
    runs = sum(here and not before for before, here in pairwise([False, *same]))
    return sum(same) + runs


def _increment(text: str, given: Arguments) -> bool:
    lengths = [len(unpunctuated(sentence).split()) for sentence in sentences(text)]
    return all(two == one + int(given["small_n"]) for one, two in pairwise(lengths))


def _keyword_in_sentence(text: str, given: Arguments) -> bool:
    found, n = sentences(text), int(given["N"])
    word = rf"\b{re.escape(given['word'])}\b"
    return n <= len(found) and re.search(word, found[n - 1], re.IGNORECASE) is not None


WORDS = {
    "words:alphabet": Checker(_alphabet),
    "words:consonants": Checker(_consonants),
    "words:vowel": Checker(_three_vowels),
    "words:keywords_specific_position": Checker(_keyword_position, ("keyword", "n", "m")),
    "words:words_position": Checker(_second_and_last_but_one, ("keyword",)),
    "words:last_first": Checker(_last_first),
    "words:no_consecutive": Checker(_no_consecutive),
    "words:odd_even_syllables": Checker(_syllables),
    "words:palindrome": Checker(_palindromes),
    "words:paragraph_last_first": Checker(_paragraph_last_first),
    "words:prime_lengths": Checker(_prime_lengths),
    "words:repeats": Checker(_repeats, ("small_n",)),
    "words:start_verb": Checker(_start_verb),
    "sentence:alliteration_increment": Checker(_alliteration),
    "sentence:increment": Checker(_increment, ("small_n",)),
    "sentence:keyword": Checker(_keyword_in_sentence, ("word", "N")),
}
