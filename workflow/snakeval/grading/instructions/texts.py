"""How a text is cut into sentences and words, and the types that all checkers share."""

from __future__ import annotations

import importlib
import string
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

Arguments = Mapping[str, Any]
PUNCTUATION = string.punctuation
_NO_PUNCTUATION = str.maketrans("", "", PUNCTUATION)


class Checker(NamedTuple):
    """Whether a text follows one instruction, and the arguments that the problem must give for it."""

    follows: Callable[[str, Arguments], bool]
    needs: tuple[str, ...] = ()


@cache
def _nltk() -> Any:
    return importlib.import_module("nltk")


def sentences(text: str) -> list[str]:
    """Sentences as NLTK's punkt finds them."""
    return list(_nltk().sent_tokenize(text))


def tokens(text: str) -> list[str]:
    """Words and punctuation marks as in the Penn Treebank (NLTK's word_tokenize)."""
    return list(_nltk().word_tokenize(text))


def part_of_speech(words: list[str]) -> list[str]:
    """The Penn Treebank tag of each word, by NLTK's averaged perceptron."""
    return [tag for _, tag in _nltk().pos_tag(words)]


def unpunctuated(text: str) -> str:
    """The text without ASCII punctuation: `don't` is `dont`."""
    return text.translate(_NO_PUNCTUATION)


def bare_words(text: str) -> list[str]:
    """What stands between white space, in lower case and without ASCII punctuation."""
    return unpunctuated(text.lower()).split()


def trimmed(text: str) -> str:
    """The text without ASCII punctuation and spaces at its ends."""
    return text.strip(PUNCTUATION + " ")


def unaccented(text: str) -> str:
    """`São Tomé` as `Sao Tome`; what has no ASCII form is left out."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")


def increasing(values: list[int]) -> bool:
    """Whether each value is greater than the one before."""
    return all(first < second for first, second in pairwise(values))
