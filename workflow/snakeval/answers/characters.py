"""Characters outside of ASCII as the LaTeX that they stand for."""

from __future__ import annotations

import re
import unicodedata

_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho varsigma sigma"
    " tau upsilon phi chi psi omega"
)
_CAPITALS = {
    "\u0393": "Gamma",
    "\u0394": "Delta",
    "\u0398": "Theta",
    "\u039b": "Lambda",
    "\u03a0": "Pi",
    "\u03a3": "Sigma",
    "\u03a6": "Phi",
    "\u03a8": "Psi",
    "\u03a9": "Omega",
}
_GREEK = [*((chr(0x3B1 + index), name) for index, name in enumerate(_NAMES.split())), *_CAPITALS.items()]
_SETS = zip("\u211d\u2115\u2124\u211a\u2102", "RNZQC", strict=True)
_CHARACTERS = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\u02d7", "-"),
        **dict.fromkeys("\u00a0\u2002\u2003\u2009\u202f\u3000\u2005\u2007", " "),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u2713\u2714\u2705\u25a0\u25a1\u220e", ""),
        **dict.fromkeys("\u00b7\u22c5\u2219", r"\cdot "),
        "\u00d7": r"\times ",
        "\u00f7": "/",
        "\u2044": "/",
        "\u2215": "/",
        **{code: rf"\{name} " for code, name in _GREEK},
        "\u221e": r"\infty ",
        **dict.fromkeys("\u2264\u2a7d\u2266", r"\le "),
        **dict.fromkeys("\u2265\u2a7e\u2267", r"\ge "),
        "\u2260": r"\ne ",
        "\u00b1": r"\pm ",
        "\u222a": r"\cup ",
        "\u2229": r"\cap ",
        **dict.fromkeys("\u2205\u2300", r"\emptyset "),
        "\u2208": r"\in ",
        **{code: rf"\mathbb{{{letter}}}" for code, letter in _SETS},
        "\u00b0": r"^\circ ",
        "\u2019": "'",
        "\u2032": "'",
        "\u3001": ",",
        "\u3002": ".",
        "\u2026": r"\ldots ",
    }
)
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿ"
_RAISED_RUN = re.compile(f"[{_RAISED}]+")
_LOWERED_RUN = re.compile("[₀₁₂₃₄₅₆₇₈₉]+")
_RAISE = str.maketrans(_RAISED, "0123456789+-()n")
_LOWER = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_VULGAR = re.compile("[¼-¾⅐-⅞]")
_OVERLINED = re.compile("(?:\\d[\u0304\u0305])+")


def characters(text: str) -> str:
    return text.translate(_FULL_WIDTH).translate(_CHARACTERS)


def raised(text: str) -> str:
    text = _RAISED_RUN.sub(lambda run: f"^{{{run[0].translate(_RAISE)}}}", text)
    return _LOWERED_RUN.sub(lambda run: f"_{{{run[0].translate(_LOWER)}}}", text)


def vulgar(text: str) -> str:
    def fraction(match: re.Match[str]) -> str:
        above, _, below = unicodedata.normalize("NFKC", match[0]).partition("\u2044")
        return rf"\frac{{{above}}}{{{below}}}"

    return _VULGAR.sub(fraction, text)


def overlined(text: str) -> str:
    """Digits with a line over each repeat."""
    return _OVERLINED.sub(lambda run: rf"\overline{{{run[0][::2]}}}", text)
