r"""Read a formula with math-verify's parser, all of it, and see what it makes of two of them.

Its own entry looks for formulas in prose, drops units, and falls back on the last number of what it can't
read. Here the text is a formula by itself; what can't be read as one has no value.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from latex2sympy2_extended.latex2sympy2 import (
    ConversionConfig,
    NormalizationConfig,
    latex2sympy,
    normalize_latex,
)
from math_verify import verify
from math_verify.grader import should_treat_as_complex
from math_verify.parser import get_last_eq
from sympy import I, nan, zoo  # type: ignore[import-untyped]

from snakeval.answers.spelling import TEXT

_AS_WRITTEN = NormalizationConfig(
    basic_latex=True, units=False, malformed_operators=True, nits=True, boxed="none", equations=False
)
_NAMES = re.compile(
    rf"\\(?:begin|end)\s*\{{[^{{}}]*\}}(?:\s*\{{[lcr| ]+\}})?|{TEXT}\s*\{{[^{{}}]*\}}|\\[A-Za-z]+"
    r"|_\{[^{}]*\}|_\w|[^\W\d_]+"
)
_FUNCTIONS = re.compile(
    r"(?:arc)?(?:sin|cos|tan|cot|sec|csc)h?|ln|log|lg|exp|sqrt|max|min|gcd|lcm|mod|abs|det|tr|inf|infinity|deg"
)
_IMAGINARY = re.compile(r"(?<![A-Za-z\\_])i(?![A-Za-z])|\\(?:imath|mathrm\s*\{\s*i\s*\})")
_INDEXED = re.compile(r"_\s*+\{?\s*+i(?![A-Za-z])|\\(?:sum|prod)(?![A-Za-z])")
_CONSTANTS = frozenset("eidEIO")
# The parser leaves the subscript out.
_SUBSCRIPTED_NUMBER = re.compile(r"(?<![\d.])(?:(?<![\w\\])\d|\d*\.+\d)[\d.]*+\s*+_")
_TOO_LARGE = re.compile(r"\^\s*+\{?\s*+-?\d{7}")  # a power that would fill the memory
# More brackets open in a row than anybody means, which would take the parser half a minute.
_TOO_DEEP = re.compile(r"(?:[({\[][^(){}\[\]]{0,20}){150}")
_TEXT_BOX = re.compile(rf"{TEXT}\s*\{{")
_COMMAND = re.compile(r"\\[A-Za-z]+|(?<![A-Za-z])[ie](?![A-Za-z])")
_BOXED_LETTER = re.compile(rf"{TEXT}\s*\{{\s*([^\W\d_])\s*\}}")
_LABEL = re.compile(rf"(?:(?<!\s)\s++)?{TEXT}\s*\{{[^{{}}]*\}}\s*+(?:\([^()=]*\)\s*+)?=")
_GOES_ON = re.compile(r"\.\.|\\[lc]?dots")  # the parser reads what stands before it


# What the parser has its own meaning for, or stumbles over, and letters that it takes as they are: it reads
# `I^2 R` as the imaginary unit times r, `\gamma` as a constant or a function, `E_0` and `e_1` not at all.
_LETTER = re.compile(
    rf"(?P<kept>{TEXT}\s*\{{[^{{}}]*\}}|\\math(?:bb|cal|frak|scr)\s*\{{[^{{}}]*\}}"
    r"|\\(?!gamma(?![A-Za-z]))[A-Za-z]+|\d[eE](?=[-+]?\d))|(?P<gamma>\\gamma)|(?P<current>I)|(?P<energy>E)|(?P<indexed>e(?=\s*_))"
)
_STAND_INS = {"gamma": r"\varrho ", "current": r"\Upsilon ", "energy": r"\Xi ", "indexed": r"\varpi "}
_ANY_CASE, _BY_CASE = ConversionConfig(), ConversionConfig(lowercase_symbols=False)


@lru_cache(maxsize=1024)
def expression(text: str, complex_numbers: bool = False) -> Any | None:
    """What a formula is to sympy, None where it is none, or where words stand in it.

    With `complex_numbers`, `i` is the imaginary unit and no variable is real.
    """
    text = _BOXED_LETTER.sub(r"{\1}", text)
    if (
        _SUBSCRIPTED_NUMBER.search(text)
        or too_deep(text)
        or _TOO_LARGE.search(text)
        or _GOES_ON.search(text)
        or _TEXT_BOX.search(_LABEL.sub("x=", text, count=1))
    ):
        return None
    latex = _LETTER.sub(_stand_in, normalize_latex(text, config=_AS_WRITTEN))
    found = None
    for part in dict.fromkeys((latex, get_last_eq(latex))):  # a chain of equations may end in what it knows
        found = _parsed(part, complex_numbers)
        if found is not None:
            break
    if found is None or _dropped(part, found) or _is_undefined(found):
        return None
    if complex_numbers:
        found = found.xreplace({symbol: I for symbol in found.free_symbols if symbol.name == "i"})
    return found


def too_deep(text: str) -> bool:
    """Whether brackets are nested too deep for the parser to end soon."""
    return _TOO_DEEP.search(text) is not None


def _stand_in(match: re.Match[str]) -> str:
    return match[0] if match["kept"] else _STAND_INS[str(match.lastgroup)]


def _is_undefined(found: Any) -> bool:
    """Whether the parser divided by zero on the way; what is left of the formula then says nothing."""
    return bool(found.has(zoo, nan)) if hasattr(found, "has") else False


def _config(latex: str) -> ConversionConfig:
    """A letter's case counts where a formula has both: `M/m` is not 1."""
    letters = set(_COMMAND.sub(" ", latex))
    both = any(letter.isalpha() and letter.swapcase() in letters for letter in letters)
    return _BY_CASE if both else _ANY_CASE


def _parsed(latex: str, complex_numbers: bool) -> Any:
    real = not (complex_numbers or should_treat_as_complex(latex))
    try:
        return latex2sympy(
            latex,
            is_real=real,
            convert_degrees=False,
            normalization_config=None,
            conversion_config=_config(latex),
        )
    except Exception:  # it raises whatever comes to it
        return None


def has_imaginary_unit(text: str) -> bool:
    """Whether `i` stands in a formula by itself and is no index."""
    return _IMAGINARY.search(text) is not None and _INDEXED.search(text) is None


def equal(gold: Any, answer: Any) -> bool:
    """math-verify's verdict; an interval is right as an inequality, too."""
    return bool(verify([gold], [answer], allow_set_relation_comp=True, timeout_seconds=None))


def variables(text: str) -> frozenset[str]:
    """The single letters of a formula that stand for something: no functions, no subscripts."""
    found: set[str] = set()
    for name in _NAMES.findall(text):
        if name[0] not in "\\_" and not _FUNCTIONS.fullmatch(name):
            found.update(_FUNCTIONS.sub("", name))
    return frozenset(found - _CONSTANTS)


def _dropped(text: str, found: Any) -> bool:
    """Whether a variable that is written is not there any more."""
    written = variables(_LABEL.sub("", text, count=1))
    if not written:
        return False
    known = str(found)
    return any(letter not in known and letter.lower() not in known for letter in written)
