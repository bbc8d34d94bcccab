r"""Whether an answer is the golden answer: by its parts, and every part by all that is written in it.

Nothing is left out to get there. Lists come down to their members, members to a core and what stands with it
(unit, magnitude, words), cores to numbers compared exactly, and only what is no number to math-verify.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from snakeval.answers.clock import same_time
from snakeval.answers.inequalities import as_union
from snakeval.answers.members import Members, members, with_both_signs
from snakeval.answers.numbers import Convention, Number, minerva, read_number, same_number
from snakeval.answers.quantities import Quantity, quantity, same_unit
from snakeval.answers.ratios import same_ratio
from snakeval.answers.spelling import spelled
from snakeval.answers.units import UNITS
from snakeval.answers.words import as_words, based, is_words
from snakeval.grading.graders.cases import Cases, cases
from snakeval.grading.graders.expressions import equal, expression, has_imaginary_unit
from snakeval.grading.graders.latex import same_text

MOST_MEMBERS = 64
DEEPEST = 4
_EMPTY_SET = r"\emptyset"
_EITHER_SIGN = re.compile(r"\\(?:pm|mp)(?![A-Za-z])")
_APPROXIMATELY = re.compile(r"\\(?:approx|simeq|doteq)(?![A-Za-z])|≈")
_NAME = re.compile(r"[A-Za-z](?:_\{?\w+\}?)?|\\[a-z]+")
_LABEL = re.compile(r"(?:[A-Za-z](?:_\{?\w+\}?)?|[A-Za-z]\([A-Za-z]\))\s*=\s*")
_DECIMAL_COMMA = re.compile(r"-?\d+,\d+")
_BARE_UNIT = re.compile(r"(.*\d)\s*([A-Za-z])")


def same_answer(gold: str, answer: str, convention: Convention = "exact", depth: int = 0) -> bool:
    """Whether an answer is right; both are what is between the delimiters of a formula, or words."""
    gold, answer = spelled(gold), spelled(answer)
    if same_text(gold, answer):
        return True
    for same in (same_time(gold, answer), same_ratio(gold, answer)):
        if same is not None:
            return same
    gold, answer = _without_label(gold, answer), _without_label(answer, gold)
    if parts := _approximated(answer):
        return any(same_answer(gold, part, convention, depth) for part in parts)
    if (both := (cases(gold), cases(answer))) != (None, None):
        return _same_cases(*both, convention, depth)
    gold, answer = _without_unit(gold, answer)
    wanted, given = members(gold), members(answer)
    given = _without_repetitions(given, wanted)
    if len(wanted.parts) > 1 or len(given.parts) > 1 or "{}" in (wanted.sides, given.sides):
        return _same_members(wanted, given, gold, answer, convention, depth)
    return _same_quantity(quantity(gold), quantity(answer), convention)


def _without_unit(gold: str, answer: str) -> tuple[str, str]:
    r"""Both without their units, if these agree and brackets remain: `(4,10)\text{ units}` is a tuple."""
    wanted, given = quantity(gold), quantity(answer)
    measured = [each for each in (wanted, given) if each.core[-1:] in (")", "]") and members(each.core).sides]
    if len(measured) < 2 or wanted.percent or given.percent or wanted.scale != given.scale:
        return gold, answer
    return (wanted.core, given.core) if same_unit(wanted, given) and not wanted.words else (gold, answer)


def _without_label(text: str, beside: str) -> str:
    """`x = 5` beside `5` is 5."""
    label = _LABEL.match(text) if "=" not in beside else None
    return text[label.end() :] if label and "=" not in text[label.end() :] else text


def _approximated(answer: str) -> list[str]:
    r"""Of `\frac{22}{7} \approx 3.14` both, of `x \approx 3.14` the value; else nothing."""
    parts = [part.strip() for part in _APPROXIMATELY.split(answer)]
    if len(parts) == 1 or len(parts) > 3 or "" in parts[1:]:
        return []
    return parts[1:] if not parts[0] or _NAME.fullmatch(parts[0]) else parts


def _same_members(
    wanted: Members, given: Members, gold: str, answer: str, convention: Convention, depth: int
) -> bool:
    if 1 in (len(wanted.parts), len(given.parts)) and len(wanted.parts) + len(given.parts) > 2:
        # An interval may be written as an inequality; two values are one with a sign of both kinds.
        unions = as_union(gold), as_union(answer)
        if any(unions):
            return _same_formula(unions[0] or gold, unions[1] or answer)
        both = with_both_signs(wanted.parts), with_both_signs(given.parts)
        if both != (wanted.parts, given.parts) and {wanted.sides, given.sides} <= {"", "{}"}:
            return len(both[0]) == len(both[1]) and _same_in_any_order(*both, convention, depth)
        several = wanted if len(wanted.parts) > 1 else given
        if several is given and _DECIMAL_COMMA.fullmatch(answer) and "." in gold:
            return _same_quantity(quantity(gold), quantity(answer.replace(",", ".")), convention)
        return bool(several.sides or _EITHER_SIGN.search(gold + answer)) and _same_formula(gold, answer)
    empty_within = any(_EMPTY_SET in part for part in (*wanted.parts, *given.parts))
    if not _comparable(wanted.sides, given.sides) or (empty_within and wanted.sides != given.sides):
        return False
    count = len(wanted.parts)
    both_sets = wanted.sides == given.sides == "{}"
    if _EITHER_SIGN.search(gold) or _EITHER_SIGN.search(answer) or (both_sets and count != len(given.parts)):
        return _same_formula(gold, answer)
    if count != len(given.parts):
        return False
    if depth >= DEEPEST:
        return _same_formula(gold, answer)
    if wanted.sides not in ("", "{}") or given.sides not in ("", "{}"):
        pairs = zip(wanted.parts, given.parts, strict=True)
        return all(same_answer(one, other, convention, depth + 1) for one, other in pairs)
    return _same_in_any_order(wanted.parts, given.parts, convention, depth)


def _without_repetitions(given: Members, wanted: Members) -> Members:
    """A member that an answer repeats counts once, but in tuples, or where the golden answer repeats one."""
    if given.sides not in ("", "{}") or len(given.parts) < 2:
        return given
    plain = ["".join(part.split()) for part in wanted.parts]
    if len(set(plain)) < len(plain):
        return given
    return replace(given, parts=tuple({"".join(part.split()): part for part in given.parts}.values()))


def _comparable(wanted: str, given: str) -> bool:
    """Tuples are no sets; an answer may leave out the brackets of tuples and sets, not those of intervals."""
    if wanted == given:
        return True
    if "" in (wanted, given):
        return {wanted, given} <= {"", "()", "{}"}
    return False


def _same_in_any_order(
    wanted: tuple[str, ...], given: tuple[str, ...], convention: Convention, depth: int
) -> bool:
    same = Counter(wanted) & Counter(given)
    left = list((Counter(given) - same).elements())
    if len(left) > MOST_MEMBERS:
        return False
    for part in (Counter(wanted) - same).elements():
        found = next((each for each in left if same_answer(part, each, convention, depth + 1)), None)
        if found is None:
            return False
        left.remove(found)
    return True


def _same_cases(wanted: Cases | None, given: Cases | None, convention: Convention, depth: int) -> bool:
    """Case by case, value and condition, in any order; what stands before them must be the same."""
    if wanted is None or given is None or depth >= DEEPEST:
        return False
    if wanted.around and given.around and not same_text(wanted.around, given.around):
        return False
    rows, left = wanted.rows, list(given.rows)
    if len(left) != len(rows) or len(rows) > MOST_MEMBERS:
        return False
    for row in rows:
        found = next((each for each in left if _same_row(row, each, convention, depth + 1)), None)
        if found is None:
            return False
        left.remove(found)
    return True


def _same_row(wanted: list[str], given: list[str], convention: Convention, depth: int) -> bool:
    if len(wanted) != len(given):
        return False
    return all(same_answer(*pair, convention, depth) for pair in zip(wanted, given, strict=True))


def _same_quantity(gold: Quantity, answer: Quantity, convention: Convention) -> bool:
    gold, answer = _with_bare_unit(gold, answer), _with_bare_unit(answer, gold)
    if not same_unit(gold, answer):
        return False
    if (same := _same_numbers(gold, answer, convention)) is not None:
        return same
    if is_words(gold.core) or is_words(answer.core):
        return as_words(gold.core) == as_words(answer.core) and gold.scale == answer.scale
    bases = based(gold.core), based(answer.core)
    if any(bases):
        return bases[0] == bases[1] and gold.scale == answer.scale
    return _same_formula(_whole(gold), _whole(answer))


def _with_bare_unit(of: Quantity, beside: Quantity) -> Quantity:
    """`5 m` beside `5 meters`: a letter by itself is a unit where the other side has that very unit."""
    match = _BARE_UNIT.fullmatch(of.core)
    if not match or of.unit or beside.unit != {UNITS.get(match[2], ""): 1}:
        return of
    return replace(of, core=match[1], unit=beside.unit)


def _same_numbers(gold: Quantity, answer: Quantity, convention: Convention) -> bool | None:
    """The verdict where both cores are numbers, None where one is not."""
    wanted, given = read_number(gold.core), read_number(answer.core)
    if wanted is None or given is None:
        return None
    compare = minerva if convention == "minerva" else same_number
    wanted, given = _scaled(wanted, gold), _scaled(given, answer)
    if gold.percent == answer.percent:
        return compare(wanted, given)
    # A percent sign is a unit, unless the number is a share.
    if (gold.percent or abs(wanted.value) > 1) and compare(wanted, given):
        return True
    return compare(*(_hundredth(wanted), given) if gold.percent else (wanted, _hundredth(given)))


def _scaled(number: Number, of: Quantity) -> Number:
    if of.scale == 1:
        return number
    return replace(number, value=number.value * of.scale, digits=None, place=0)


def _hundredth(number: Number) -> Number:
    return replace(number, value=number.value / 100, place=number.place - 2)


def _whole(of: Quantity) -> str:
    core = of.core if of.scale == 1 else rf"({of.core}) \cdot {of.scale}"
    return core + r"\%" if of.percent else core


def _same_formula(gold: str, answer: str) -> bool:
    complex_numbers = has_imaginary_unit(gold) or has_imaginary_unit(answer)
    wanted, given = expression(gold, complex_numbers), expression(answer, complex_numbers)
    if wanted is None or given is None:
        return False
    return equal(wanted, given)
