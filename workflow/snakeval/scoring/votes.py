"""Which answers are one answer, so that a majority is of values and not of spellings.

Each distinct answer is brought to one form, in one pass: a number to its exact value, a list to those of its
members, a formula to its values at fixed points, other texts to one spelling. Numbers whose decimals are
written to different lengths are compared besides, with the values that have most votes and no more than
MOST_COMPARED of them; and all answers that a grader found equal to the golden one are one. So the cost grows
with the number of answers, not with its square.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from snakeval.answers.clock import time_of_day
from snakeval.answers.evaluate import fingerprint
from snakeval.answers.inequalities import as_interval
from snakeval.answers.members import members, with_both_signs
from snakeval.answers.numbers import Number, read_number, same_number
from snakeval.answers.quantities import Quantity, quantity
from snakeval.answers.spelling import spelled, without_text_boxes
from snakeval.answers.words import as_words, based, is_words
from snakeval.statistics.passk import PASS

MOST_COMPARED = 32
LONGEST = 2_000
DEEPEST = 3
FARTHEST = Fraction(1, 100)  # no rounding that counts is coarser
COMPUTED = Fraction(1, 10**8)  # of a formula's value, which has nine digits
RIGHT = ("right",)
_MATRIX = re.compile(r"(?<=\{)[pbB]matrix(?=\})")  # by its brackets


@dataclass(frozen=True, slots=True)
class Value:
    """An answer's value as a key, and the number that it is, if it is one."""

    key: Hashable
    number: Number | None = field(default=None, compare=False)
    percent: bool = field(default=False, compare=False)


def votes(answers: Sequence[str | None], rewards: Sequence[float]) -> list[Hashable | None]:
    """One key a sample, equal where the answers have one value; None where there is no answer.

    `rewards` are the samples' own: answers whose samples all reach PASS equal the golden answer.
    """
    values = {answer: value_of(answer) for answer in dict.fromkeys(answers) if answer is not None}
    values = _with_shares(values, Counter(answer for answer in answers if answer is not None))
    merged = _merged(Counter(values[answer] for answer in answers if answer is not None))
    keys = [None if answer is None else merged[values[answer]] for answer in answers]
    wrong = {key for key, reward in zip(keys, rewards, strict=True) if reward < PASS}
    return [key if key is None or key in wrong else RIGHT for key in keys]


def value_of(answer: str, depth: int = 0) -> Value:
    """What an answer comes down to; equal for answers of one value, as far as one pass over each can tell."""
    if len(answer) > LONGEST:
        return Value(answer)
    text = spelled(answer.replace("$", " "))
    if (time := time_of_day(text)) is not None:
        return Value(("time", *time))
    listed = members(as_interval(text) or text)
    if listed.sides in ("", "{}"):
        listed = replace(listed, parts=with_both_signs(listed.parts))
    if depth < DEEPEST and (len(listed.parts) > 1 or listed.sides == "{}"):
        parts = [value_of(part, depth + 1).key for part in listed.parts]
        ordered = listed.sides not in ("", "{}")
        return Value((listed.sides, *parts) if ordered else ("list", *sorted(set(parts), key=repr)))
    return _of_quantity(quantity(text))


def _of_quantity(found: Quantity) -> Value:
    core = _without_label(found.core)
    if (number := read_number(core)) is not None:
        if found.scale != 1:
            number = Number(number.value * found.scale)
        return _of_number(number, found)
    if is_words(core):
        return Value((as_words(core), *found.words))
    if based(core):
        return Value(("base", based(core)))
    points = fingerprint(core)
    if points is None:
        plain = _MATRIX.sub("matrix", without_text_boxes(core))
        return Value(("".join(plain.split()).rstrip("."), *found.words))
    if points[0] == points[1] and not points[0].imag:
        return _of_number(Number(Fraction(points[0].real), irrational=True), found)
    return Value(("formula", *points, *found.words))


def _of_number(number: Number, found: Quantity) -> Value:
    """Words that change the meaning make it another answer, which is like no number."""
    return Value((*found.words, number.value), None if found.words else number, found.percent)


def _without_label(text: str) -> str:
    """`x = 5` is a vote for 5."""
    name, sign, rest = text.partition("=")
    return rest.strip() if sign and len(name.strip()) == 1 and "=" not in rest else text


def _with_shares(values: dict[str, Value], counted: Counter[str]) -> dict[str, Value]:
    """`28%` is 28, or 0.28 where more of the answers say that."""
    votes_of: Counter[Hashable] = Counter()
    for answer, value in values.items():
        votes_of[value.key] += 0 if value.percent else counted[answer]
    found = dict(values)
    for answer, value in values.items():
        if value.percent and value.number is not None:
            share = replace(value.number, value=value.number.value / 100, place=value.number.place - 2)
            if votes_of[(share.value,)] > votes_of[value.key]:
                found[answer] = Value((share.value,), share)
    return found


def _merged(counted: Counter[Value]) -> dict[Value, Hashable]:
    """The key of each value; a number's is that of the first like it, from those with most votes on."""
    found: dict[Value, Hashable] = {}
    compared: list[Value] = []
    for value, _ in counted.most_common():
        like = next((each for each in compared if _alike(each, value)), value)
        found[value] = like.key
        if like is value and value.number is not None and len(compared) < MOST_COMPARED:
            compared.append(value)
    return found


def _alike(one: Value, other: Value) -> bool:
    if one.number is None or other.number is None:
        return False
    difference = abs(one.number.value - other.number.value)
    if difference > FARTHEST * abs(one.number.value):
        return False
    if same_number(one.number, other.number) or same_number(other.number, one.number):
        return True
    computed = one.number.irrational or other.number.irrational
    return computed and difference <= COMPUTED * abs(one.number.value)
