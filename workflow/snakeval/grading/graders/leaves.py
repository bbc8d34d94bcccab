"""How math-verify compares two values without parts, and equations, mended.

math-verify rounds floats to six places and calls differences below 1e-15 nothing, whatever the numbers' size;
and two equations without a solution it could find are equal to it. Sets, tuples, intervals, matrices and
relations come down to these comparisons, so mending them mends those too.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from math_verify import grader
from sympy import Float, MatrixBase, MatrixExpr, Rational, solve  # type: ignore[import-untyped]

from snakeval.answers.numbers import Number, from_decimal, same_number

DIGITS = 50
SURE = Float("1e-35")  # of a value's digits after evaluation to DIGITS
LARGEST_BINARY = 20_000  # exponent of a float that may become a fraction
_PROBES = (Rational(7, 19), Rational(23, 11))
_solve_and_compare = grader.sympy_solve_and_compare


def install() -> None:
    """Have this process compare so from now on."""
    grader.sympy_numeric_eq = same_value
    grader.sympy_solve_and_compare = _same_solutions


def same_value(gold: Any, answer: Any, float_rounding: int = 6, numeric_precision: int = 15) -> bool:
    """Whether two values are the same number, matrix of numbers, or by all signs the same expression.

    False leaves it to math-verify to find out by algebra. The last two parameters are its own and unused.
    """
    matrices = (MatrixBase, MatrixExpr)
    if isinstance(gold, matrices) or isinstance(answer, matrices):
        return _same_matrices(grader.safe_sympy_doit(gold), grader.safe_sympy_doit(answer))
    if (same := _same_percentages(gold, answer)) is not None:
        return same
    gold, answer = grader.safe_sympy_doit(gold), grader.safe_sympy_doit(answer)
    try:
        if gold.free_symbols or answer.free_symbols:
            return _same_expressions(gold, answer)
        if isinstance(gold, Float) or isinstance(answer, Float):
            one, other = _number(gold), _number(answer)
            return one is not None and other is not None and same_number(one, other)
        return _same_constants(gold, answer)
    except Exception:  # what sympy can't evaluate is left to its algebra
        return False


def _same_matrices(gold: Any, answer: Any) -> bool:
    if not (isinstance(gold, MatrixBase) and isinstance(answer, MatrixBase)) or gold.shape != answer.shape:
        return False
    return all(same_value(one, other) for one, other in zip(gold.flat(), answer.flat(), strict=True))


def _same_percentages(gold: Any, answer: Any) -> bool | None:
    """`28` is right for `28%`, and `28%` for `28`, where a number above 1 is no share."""
    bare, given = grader.get_pct_val(gold), grader.get_pct_val(answer)
    if (bare is None) == (given is None):
        return same_value(bare, given) if bare is not None else None
    one, other = (bare, answer) if bare is not None else (gold, given)
    if bare is None and not _above_one(gold):
        return None
    return True if same_value(one, other) else None


def _above_one(value: Any) -> bool:
    try:
        return bool(abs(value) > 1)
    except TypeError:
        return False


def _number(value: Any) -> Number | None:
    """A real constant as a number: floats as they are written, others by their first digits."""
    if isinstance(value, Float):
        return from_decimal(repr(float(value)))
    if isinstance(value, Rational):
        return Number(Fraction(int(value.p), int(value.q)))
    found = _without_floats(value).evalf(DIGITS)
    if not isinstance(found, Float) or abs(found._mpf_[2]) > LARGEST_BINARY:
        return None
    return Number(Fraction(str(found)), irrational=True)


def _same_constants(gold: Any, answer: Any) -> bool:
    """Whether the difference of two numbers, real or complex, is nothing beside them."""
    if isinstance(gold, Rational) and isinstance(answer, Rational):
        return bool(gold == answer)
    gold, answer = _without_floats(gold), _without_floats(answer)
    # The absolute value of a number that is complex is taken after evaluation, or it keeps an imaginary part.
    difference, size = (abs(value.evalf(DIGITS)).evalf(DIGITS) for value in (gold - answer, gold))
    return bool(difference == 0 or difference < size * SURE)


def _same_expressions(gold: Any, answer: Any) -> bool:
    """Whether nothing is left of the difference, nor at points where nothing is too small to be seen."""
    gold, answer = _without_floats(gold), _without_floats(answer)
    if gold == answer:
        return True
    if gold.free_symbols != answer.free_symbols or (gold - answer).evalf(15, chop=True) != 0:
        return False
    symbols = sorted(gold.free_symbols, key=str)
    for start in _PROBES:
        point = {symbol: start + Rational(index, 7) for index, symbol in enumerate(symbols)}
        one, other = gold.subs(point), answer.subs(point)
        if one.free_symbols or other.free_symbols or not _same_constants(one, other):
            return False
    return True


def _without_floats(value: Any) -> Any:
    floats = value.atoms(Float)
    return value.xreplace({each: Rational(repr(float(each))) for each in floats}) if floats else value


def _same_solutions(gold: Any, answer: Any, float_rounding: int, numeric_precision: int) -> bool:
    if not solve(gold, gold.free_symbols) or gold.free_symbols != answer.free_symbols:
        return False
    return bool(_solve_and_compare(gold, answer, float_rounding, numeric_precision))
