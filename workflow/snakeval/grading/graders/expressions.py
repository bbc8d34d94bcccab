r"""Read a formula with math-verify's parser, all of it, and see what it makes of two of them.

Its own entry looks for formulas in prose, drops units, and falls back on the last number of what it can't
read. Here the text is a formula by itself; what can't be read as one has no value.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from latex2sympy2_extended.latex2sympy2 import NormalizationConfig, latex2sympy, normalize_latex
from math_verify import verify
from math_verify.grader import should_treat_as_complex
from math_verify.parser import get_last_eq
from sympy import I  # type: ignore[import-untyped]

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
_INDEXED = re.compile(r"_\s*\{?\s*i(?![A-Za-z])|\\(?:sum|prod)(?![A-Za-z])")
_CONSTANTS = frozenset("eidEIO")
# The parser leaves the subscript out.
_SUBSCRIPTED_NUMBER = re.compile(r"(?<![\w\\])\d[\d.]*\s*_")
_TOO_LARGE = re.compile(r"\^\s*\{?\s*-?\d{7}")  # a power that would fill the memory
# More brackets open in a row than anybody means, which would take the parser half a minute.
_TOO_DEEP = re.compile(r"(?:[({\[][^(){}\[\]]{0,20}){150}")
_TEXT_BOX = re.compile(rf"{TEXT}\s*\{{")
_BOXED_LETTER = re.compile(rf"{TEXT}\s*\{{\s*([^\W\d_])\s*\}}")
_LABEL = re.compile(rf"\s*{TEXT}\s*\{{[^{{}}]*\}}\s*(?:\([^()=]*\)\s*)?=")
_GOES_ON = re.compile(r"\.\.|\\[lc]?dots")  # the parser reads what stands before it


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
    latex = normalize_latex(text, config=_AS_WRITTEN)
    found = None
    for part in dict.fromkeys((latex, get_last_eq(latex))):  # a chain of equations may end in what it knows
        found = _parsed(part, complex_numbers)
        if found is not None:
            break
    if found is None or _dropped(part, found):
        return None
    if complex_numbers:
        found = found.xreplace({symbol: I for symbol in found.free_symbols if symbol.name == "i"})
    return found


def too_deep(text: str) -> bool:
    """Whether brackets are nested too deep for the parser to end soon."""
    return _TOO_DEEP.search(text) is not None


def _parsed(latex: str, complex_numbers: bool) -> Any:
    real = not (complex_numbers or should_treat_as_complex(latex))
    try:
        return latex2sympy(latex, is_real=real, convert_degrees=False, normalization_config=None)
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
