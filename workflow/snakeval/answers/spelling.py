"""One table of spellings: what is written differently and means the same becomes one form of LaTeX.

`TABLE` is applied from top to bottom to golden answers and answers alike, before they are read. Each step
takes time proportional to the text's length and leaves alone what it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from snakeval.answers.characters import characters, overlined, raised, vulgar
from snakeval.answers.introductions import without_introduction

TEXT = r"\\(?:text(?:bf|it|rm|sf|tt|normal|up)?|emph|math(?:rm|bf|sf|it|tt|normal)|mbox|operatorname\*?|rm)"
_TEXT_BOX = re.compile(rf"{TEXT}\s*\{{([^{{}}]*)\}}")
_FONTS = re.compile(
    r"\\(?:(?:boldsymbol|bm|pmb|underline|mathord|ensuremath|displaystyle|textstyle|[Ll]arge|LARGE|small|normalsize"
    r"|tiny|[Hh]uge|bf|it|limits|nonumber|fbox)(?![A-Za-z])|bbox\s*(?:\[[^\]{}]{0,99}\])?(?=\s*\{)"
    r"|(?:textcolor|color|colorbox|style|require)\s*(?:\[[^\]{}]{0,99}\])?\{[^{}]*\})\s*"
)
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_MARKS = re.compile(
    r"\\(?:checkmark|square|blacksquare|Box|qed|QED|label\s*\{[^{}]*\}|tag\*?\s*\{[^{}]*\}|[hv]?phantom\s*\{[^{}]*\}"
    r"|[hv]space\*?\s*\{[^{}]*\})(?![A-Za-z])"
)
_EMPTY = re.compile(r"\\varnothing(?![A-Za-z])|\\\{\s*\\\}|^\s*(?:\{\s*\}|[Øø])\s*$")
_MARKDOWN = re.compile(r"\s*(?:\*\*([^*]+)\*\*|`([^`]+)`)\s*")
_ONE_LINE = re.compile(r"\s*\\begin\s*\{(aligned|align\*?|gathered|split)\}(.*)\\end\s*\{\1\}\s*", re.DOTALL)
_ENDINGS = (r"\qquad", r"\quad", r"\:", r"\!")
_NEEDS_BRACES = re.compile(r",|\\(?:over|choose|atop)(?![A-Za-z])")
_PI = re.compile(r"(?<![A-Za-z\\])pi(?![A-Za-z])")
_ROUND = re.compile(
    r"(\d|[A-Za-z)}])\s*(?:\\degree(?![A-Za-z])|\^\s*(?:\{\s*(?:\\(?:text|mathrm)\s*\{\s*o\s*\}|o)\s*\}|o(?![A-Za-z])))"
)
_FRACTION = re.compile(r"\\(?:nice|s|x)frac(?![A-Za-z])|(?<![A-Za-z\\])[dt]?frac(?=\s*\{)")
_BINOMIAL = re.compile(r"(\\[dt]?binom)\s*(\d)\s*(\d)(?!\d)")
_FACTORIAL_IS = re.compile(r"(?<=\d)!=(?=\s*\d)")
_BASE = re.compile(
    r"(\d[\da-zA-Z]*)\s*+(?:\\text\w*\s*+\{)?\s*+\(?\s*+(?:in\s++)?base[\s-]*+(\w++)\s*+\)?\s*+\}?\.?"
)
_MATH_TEXT = re.compile(r"[^{}]*[=\d+^<>][^{}]*")
_LONE_LETTER = re.compile(rf"\s*+(?:{TEXT}\s*+\{{\s*+\(?\s*+([^\W\d_])\s*+[.)]?\s*+\}}|\(([A-Z])\))\s*+")
_BOXED_FUNCTION = re.compile(
    r"\\(?:operatorname\*?|mathrm|text|rm)\s*\{\s*((?:arc)?(?:sin|cos|tan|cot|sec|csc)|sinh|cosh|tanh|ln|log|exp|gcd)"
    r"\s*\}"
)
_SEVERAL_LETTERS = re.compile(r"[^\W\d_]{2}")
_MIXED = re.compile(r"(-?\s*\d+)\s+(\d+)\s*/\s*(\d+)")
_VALUE_FIRST = re.compile(
    r"((?=[^=<>\\{}]*\d)[^=<>\\{}]*+|-?\\d?frac\{\d+\}\{\d+\})=\s*+"
    r"([A-Za-z](?:_\{?\w\}?)?(?:\s*+\+\s*+[A-Za-z])*+)\s*+"
)
_PRIMES = re.compile(r"(?<=[\w)}])'+")
_ORDINAL = re.compile(
    r"(\d)\s*+(?:\^?\s*+\{?\s*+\\(?:text|mathrm)\s*+\{\s*+(?:st|nd|rd|th)\s*+\}\s*+\}?|(?:st|nd|rd|th)(?![A-Za-z]))"
)
_UNIT_FRACTION = re.compile(
    rf"\\[dt]?frac\s*\{{\s*({TEXT}\s*\{{[^{{}}]*\}})\s*\}}\s*\{{\s*({TEXT}\s*\{{[^{{}}]*\}})\s*\}}"
)
_DEGREES = r"(?:(?<!\s)\s++)?\^\s*+(?:\{\s*+\\circ\s*+\}|\\circ(?![A-Za-z]))"
_ANGLE = re.compile(r"((?<!\d)\d++(?:\.\d++)?|(?<![A-Za-z\\])[A-Za-z])" + _DEGREES)
_FUNCTION = re.compile(r"\\(?:sin|cos|tan|cot|sec|csc)(?![A-Za-z])|(?<![A-Za-z])(?:sin|cos|tan|cot)\b")
_ANGULAR = re.compile(_DEGREES)
_IMAGINARY = re.compile(r"(?<![A-Za-z\\_{])i(?=\s*(?:\(|\\left\())")

_GROUP_GAP = re.compile(r"(?:\\[,;:! ]|,\\!\s*|\{,\}|[ ~\u00a0\u2009\u202f])")
_GROUPED = re.compile(rf"(?<![\d.,])\d{{1,3}}(?:{_GROUP_GAP.pattern}\d{{3}})+(?!\d)")
_SCIENTIFIC = re.compile(r"([-+]?\d+(?:\.\d+)?)[eE]([-+]?\d+)")
_CODE_ROOT = re.compile(r"\\?\bsqrt\s*\(([^()]*)\)")
_ROOT_SIGN = re.compile(r"([√∛∜])\s*(?:\(([^()]+)\)|(\d+|\w))")
_ROOTS = {"√": "", "∛": "[3]", "∜": "[4]"}
_DEGREE = re.compile(r"(?:(?<!\s)\s++)?(?:°|\^\s*+\{?\s*+\\circ\s*+\}?)")


def spelled(text: str) -> str:
    """The text with every step of the table applied."""
    for _, step in TABLE:
        text = step(text)
    return text.strip()


def without_text_boxes(text: str) -> str:
    r"""The text without `\text{}` and its kin around its parts."""
    return _TEXT_BOX.sub(r"\1", text)


def has_function(text: str) -> bool:
    """Whether a trigonometric function stands in the text, so that a degree in it is an angle's."""
    return _FUNCTION.search(text) is not None


def _fonts(text: str) -> str:
    """The commands go, with the braces around what they changed, if an exponent does not need them."""
    found = list(_FONTS.finditer(text))
    if not found:
        return text
    closing = _closing_braces(text)
    gone: set[int] = set()
    for match in found:
        gone.update(range(*match.span()))
        for opening in (match.end(), match.start() - 1):
            if opening in closing and text[max(0, match.start() - 4) : match.start()].rstrip("{ ")[
                -1:
            ] not in ("^", "_"):
                gone |= {opening, closing[opening]}
    return "".join(letter for index, letter in enumerate(text) if index not in gone)


def _closing_braces(text: str) -> dict[int, int]:
    """Where the brace at an index is closed."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for token in _BRACE.finditer(text):
        if token[0] == "{":
            opened.append(token.start())
        elif token[0] == "}" and opened:
            found[opened.pop()] = token.start()
    return found


def _math_in_text(text: str) -> str:
    r"""`\text{x = 5}` holds mathematics, `\text{ 5 cm}` and `\mathbf{5}` too; `\text{Row 2}` is a name."""

    def opened(match: re.Match[str]) -> str:
        content = match[1]
        formula = _MATH_TEXT.fullmatch(content) and not _SEVERAL_LETTERS.search(content)
        return content if formula else match[0]

    return _TEXT_BOX.sub(opened, text)


def _markdown(text: str) -> str:
    match = _MARKDOWN.fullmatch(text)
    return str(match[1] or match[2]) if match else text


def _one_line(text: str) -> str:
    """Formulas in an environment for several, where there is one."""
    match = _ONE_LINE.fullmatch(text)
    return match[2].replace("&", " ") if match and "\\\\" not in match[2].strip().rstrip("\\") else text


def _ended(text: str) -> str:
    """The text without separators that nothing follows."""
    rest, length = text, len(text) + 1
    while len(rest) < length:
        length = len(rest)
        rest = rest.rstrip(" \t\r\n,;").rstrip("\\")
        for ending in _ENDINGS:
            rest = rest.removesuffix(ending)
    return rest or text


def _unbraced(text: str) -> str:
    inner = text.strip()
    if not inner.startswith("{") or inner == "{}" or _closing_braces(inner).get(0) != len(inner) - 1:
        return text
    return inner[1:-1] if inner[1:-1].strip() and not _NEEDS_BRACES.search(inner) else text


def _based(text: str) -> str:
    match = _BASE.fullmatch(text.strip())
    return rf"{match[1]}_{{{match[2]}}}" if match else text


def _lone_letter(text: str) -> str:
    match = _LONE_LETTER.fullmatch(text)
    return str(match[1] or match[2]) if match else text


def _mixed(text: str) -> str:
    match = _MIXED.fullmatch(text.strip())
    return rf"{match[1]}\frac{{{match[2]}}}{{{match[3]}}}" if match else text


def _value_first(text: str) -> str:
    match = _VALUE_FIRST.fullmatch(text.strip()) if "=" in text else None
    return f"{match[2]} = {match[1].strip()}" if match else text


def _primes(run: re.Match[str]) -> str:
    return "^{" + r"\prime" * len(run[0]) + "}"


def _angles(text: str) -> str:
    if not has_function(text):
        return text
    return _ANGULAR.sub(r" \\cdot \\frac{\\pi}{180}", _ANGLE.sub(r"\\frac{\1\\pi}{180}", text))


def rewritten(answer: str) -> str:
    """A formula with its degrees, digit groups, exponents and roots in LaTeX, without a final full stop."""
    if not answer.endswith(".."):
        answer = answer.rstrip(".") or answer
    answer = _DEGREE.sub(r"^\\circ", answer)
    answer = _GROUPED.sub(lambda match: _GROUP_GAP.sub("", match[0]), answer)
    if scientific := _SCIENTIFIC.fullmatch(answer):
        return rf"{scientific[1]} \times 10^{{{scientific[2]}}}"
    answer = _CODE_ROOT.sub(r"\\sqrt{\1}", answer.replace("**", "^").removesuffix("\\"))
    return _ROOT_SIGN.sub(lambda match: rf"\sqrt{_ROOTS[match[1]]}{{{match[2] or match[3]}}}", answer)


TABLE: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("dashes, spaces, full width and signs of Unicode", characters),
    ("raised and lowered digits", raised),
    ("digits with a line over them", overlined),
    ("vulgar fractions", vulgar),
    ("Markdown around all of it", _markdown),
    ("check marks, ends of proofs, phantoms", lambda text: _MARKS.sub("", text)),
    ("separators at the end", _ended),
    ("braces around all of it", _unbraced),
    ("fonts, sizes and colours", _fonts),
    ("empty sets", lambda text: _EMPTY.sub(r"\\emptyset ", text)),
    ("one formula in an environment for several", _one_line),
    ("functions in text boxes", lambda text: _BOXED_FUNCTION.sub(r"\\\1 ", text)),
    ("words before an answer", without_introduction),
    ("formulas in text boxes", _math_in_text),
    ("names for fractions", lambda text: _FRACTION.sub(r"\\frac", text)),
    ("binomials of two digits", lambda text: _BINOMIAL.sub(r"\1{\2}{\3}", text)),
    ("a factorial that equals", lambda text: _FACTORIAL_IS.sub("! =", text)),
    ("pi as a word", lambda text: _PI.sub(r"\\pi ", text)),
    ("degrees as a raised o", lambda text: _ROUND.sub(r"\1^\\circ ", text)),
    ("a base in words", _based),
    ("a letter by itself, as of a choice", _lone_letter),
    ("mixed numbers with a slash", _mixed),
    ("the value before the variable", _value_first),
    ("degrees inside functions", _angles),
    ("the imaginary unit before a parenthesis", lambda text: _IMAGINARY.sub(r"i \\cdot ", text)),
    ("primes", lambda text: _PRIMES.sub(_primes, text)),
    ("ordinals", lambda text: _ORDINAL.sub(r"\1", text)),
    ("units written as fractions", lambda text: _UNIT_FRACTION.sub(r"\1/\2", text)),
    ("degrees, digit groups, exponents and roots as in code", rewritten),
)
