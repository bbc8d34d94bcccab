r"""The value of a formula at fixed points: two formulas of one value are, but for chance, the same formula.

By Schwartz and Zippel (1979, 1980) two different polynomials of degree d agree at a point drawn from a set S
with a chance of at most d / |S|. It needs one pass over the text, whatever the number of formulas that are to
be told apart. What it can't read has no value: it knows arithmetic, roots and elementary functions.
"""

from __future__ import annotations

import cmath
import hashlib
import math
import re
from collections.abc import Callable

LONGEST = 500
DEEPEST = 40
DIGITS = 9
_TOKEN = re.compile(
    r"\\left|\\right|\\[,;:! ]|\\q?quad|\s+|~"
    r"|(?P<number>\d+(?:\.\d+)?|\.\d+)"
    r"|(?P<name>[A-Za-z](?:_(?:\{[^{}]*\}|\w))?|\\(?!d?frac|tfrac|cfrac|[dt]?binom|sqrt|cdot|times|div|pi)[A-Za-z]+"
    r"(?:_(?:\{[^{}]*\}|\w))?)"
    r"|(?P<sign>\\[dtc]?frac|\\[dt]?binom|\\sqrt|\\cdot|\\times|\\div|\\pi|\\[{}]|[-+*/^(){}\[\]!|])"
)
_FUNCTIONS: dict[str, Callable[[complex], complex]] = {
    r"\sin": cmath.sin,
    r"\cos": cmath.cos,
    r"\tan": cmath.tan,
    r"\ln": cmath.log,
    r"\log": cmath.log,
    r"\exp": cmath.exp,
    r"\arcsin": cmath.asin,
    r"\arccos": cmath.acos,
    r"\arctan": cmath.atan,
}
_GREEK = re.compile(
    r"\\(?:alpha|beta|gamma|delta|epsilon|theta|lambda|mu|nu|rho|sigma|tau|phi|varphi|omega|Delta|Omega)(?:_.*)?"
)


_LOGARITHM = re.compile(r"\\log_(?:\{(\d+)\}|(\d))")
_LARGEST_FACTORIAL = 170  # its double is finite


class Unreadable(ValueError):
    """A text that is no formula to this reader."""


def fingerprint(text: str) -> tuple[complex, complex] | None:
    """The formula's values at two points, to DIGITS significant digits; None where it has none."""
    if len(text) > LONGEST:
        return None
    try:
        values = [_Reader(text, point).value() for point in (0, 1)]
    except (Unreadable, ArithmeticError, ValueError):
        return None
    return _rounded(values[0]), _rounded(values[1])


def _rounded(value: complex) -> complex:
    if not cmath.isfinite(value):
        raise Unreadable("no finite value")
    size = abs(value)
    if size == 0:
        return 0j
    places = DIGITS - 1 - math.floor(math.log10(size))
    scale = 10.0 ** min(max(places, -300), 300)
    return complex(round(value.real * scale) / scale + 0.0, round(value.imag * scale) / scale + 0.0)


def _variable(name: str, point: int) -> complex:
    digest = hashlib.blake2b(f"{name} {point}".encode(), digest_size=4).digest()
    return 0.5 + int.from_bytes(digest, "big") / 2**32


def _natural(value: complex) -> int:
    number = round(value.real)
    if value != number or not 0 <= number <= _LARGEST_FACTORIAL:
        raise Unreadable("no small natural number")
    return number


class _Reader:
    """Recursive descent: sums of products of powers of atoms."""

    def __init__(self, text: str, point: int) -> None:
        self._point, self._depth, self._at = point, 0, 0
        self._tokens: list[str] = []
        end = 0
        for token in _TOKEN.finditer(text):
            if token.start() != end:
                raise Unreadable(text)
            end = token.end()
            if token.lastgroup:
                self._tokens.append(token[0].replace(" ", ""))
        if end != len(text) or not self._tokens:
            raise Unreadable(text)

    def value(self) -> complex:
        found = self._sum()
        if self._at < len(self._tokens):
            raise Unreadable("more follows")
        return found

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self, *wanted: str) -> str:
        token = self._next()
        if not token or (wanted and token not in wanted):
            raise Unreadable(f"{token!r}, not {wanted}")
        self._at += 1
        return token

    def _sum(self) -> complex:
        self._depth += 1
        if self._depth > DEEPEST:
            raise Unreadable("too deep")
        found = self._product()
        while self._next() in ("+", "-"):
            found = found + self._product() if self._take() == "+" else found - self._product()
        self._depth -= 1
        return found

    def _product(self) -> complex:
        if self._next() in ("+", "-"):
            return self._product() if self._take() == "+" else -self._product()
        found = self._power()
        while (token := self._next()) and token not in ("+", "-", ")", "}", "]", r"\}", "|", "!"):
            if token in ("*", r"\cdot", r"\times"):
                self._take()
                found *= self._signed()
            elif token in ("/", r"\div"):
                self._take()
                found /= self._signed()
            else:
                if token[0].isdigit():
                    raise Unreadable("a number after a factor")
                found *= self._power()
        return found

    def _signed(self) -> complex:
        if self._next() == "-":
            self._take()
            return -self._power()
        return self._power()

    def _power(self) -> complex:
        base = self._atom()
        while self._next() == "!":
            self._take()
            base = complex(math.factorial(_natural(base)))
        if self._next() == "^":
            self._take()
            base = base ** self._argument()
        return base

    def _argument(self) -> complex:
        """A group in braces, or one atom; a sign may stand before it."""
        if self._next() == "-":
            self._take()
            return -self._atom()
        return self._atom()

    def _atom(self) -> complex:
        token = self._take()
        if token[0].isdigit() or token[0] == ".":
            return complex(token)
        if token in ("(", "{", "["):
            found = self._sum()
            self._take({"(": ")", "{": "}", "[": "]"}[token])
            return found
        if token.endswith("frac"):
            return self._part() / self._part()
        if token.endswith("binom"):
            return complex(math.comb(_natural(self._part()), _natural(self._part())))
        if match := _LOGARITHM.fullmatch(token):
            return self._function(cmath.log) / math.log(int(match[1] or match[2]))
        if token == r"\sqrt":
            return self._root()
        if token == r"\pi":
            return complex(math.pi)
        if token in _FUNCTIONS:
            return self._function(_FUNCTIONS[token])
        if token in ("e", "i"):
            return complex(math.e) if token == "e" else 1j
        if token[0].isalpha() or _GREEK.fullmatch(token):
            return _variable(token, self._point)
        raise Unreadable(token)

    def _part(self) -> complex:
        """An argument of `\\frac`: a group, or one digit of what follows."""
        token = self._next()
        if len(token) > 1 and token.isdigit():
            self._tokens[self._at : self._at + 1] = list(token)
        return self._atom()

    def _root(self) -> complex:
        if self._next() != "[":
            return cmath.sqrt(self._part())
        self._take()
        degree = self._sum()
        self._take("]")
        return self._part() ** (1 / degree)

    def _function(self, function: Callable[[complex], complex]) -> complex:
        power = 1 + 0j
        if self._next() == "^":
            self._take()
            power = self._argument()
            if power == -1:
                raise Unreadable("an inverse function")
        return function(self._power()) ** power
