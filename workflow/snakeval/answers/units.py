"""Words that stand with quantities: units under all names, magnitudes, and what changes the meaning."""

from __future__ import annotations

_UNITS = {
    "mm": "mm millimeter millimetre",
    "cm": "cm centimeter centimetre",
    "dm": "dm decimeter decimetre",
    "m": "m meter metre",
    "km": "km kilometer kilometre",
    "nm": "nm nanometer nanometre",
    "inch": "in inch inches",
    "foot": "ft foot feet",
    "yard": "yd yard",
    "mile": "mi mile",
    "mg": "mg milligram",
    "g": "g gram gramme gm",
    "kg": "kg kilogram kilogramme",
    "ton": "ton tonne",
    "pound": "lb lbs pound",
    "ounce": "oz ounce",
    "s": "s sec second",
    "ms": "ms millisecond",
    "minute": "min mins minute",
    "h": "h hr hrs hour",
    "day": "day",
    "week": "week wk",
    "month": "month mo",
    "year": "year yr yrs",
    "l": "l L liter litre",
    "ml": "ml mL milliliter millilitre",
    "gallon": "gal gallon",
    "dollar": "dollar USD usd",
    "cent": "cent",
    "euro": "euro EUR",
    "degree": "degree deg",
    "radian": "radian rad",
    "degC": "degC",
    "degF": "degF",
    "kelvin": "kelvin K",
    "hertz": "Hz hz hertz",
    "newton": "N newton",
    "joule": "J joule",
    "watt": "W watt",
    "volt": "V volt",
    "ampere": "A amp ampere",
    "pascal": "Pa pascal",
    "mole": "mol mole",
    "coulomb": "C coulomb",
    "ohm": "ohm",
    "mph": "mph",
    "kmh": "kmh kph",
    "percent": "percent percentage pct",
}
UNITS = {name: unit for unit, names in _UNITS.items() for name in names.split()}
COMPOUND = {"mph": {"mile": 1, "h": -1}, "kmh": {"km": 1, "h": -1}}
# Written without a box they are more likely products of variables.
BOXED_ONLY = frozenset({"mg", "ms", "mm", "nm", "ml", "in", "mo", "mol", "min", "deg", "ton", "amp", "dm"})
MAGNITUDES = {
    "dozen": 12,
    "hundred": 10**2,
    "thousand": 10**3,
    "million": 10**6,
    "mil": 10**6,
    "billion": 10**9,
    "bn": 10**9,
    "trillion": 10**12,
}
_QUALIFIERS = (
    "or if otherwise unless when where whenever for not no none nor neither more less fewer least "
    "most than over under above below only except plus minus times half quarter double twice and but "
    "about around almost nearly approximately roughly between from to until past before after "
    "greater smaller larger"
    " factorial choose mod modulo remainder maximum minimum negative halves third fourth fifth sixth seventh"
    " eighth ninth tenth hundredth thousandth millionth"
)
QUALIFIERS = frozenset(_QUALIFIERS.split())  # what must be the same on both sides
GENERIC = frozenset({"unit", "of", "the", "a", "an", "in", "total", "each", "us", "whole", "exactly"})
SHAPES = {"square": 2, "sq": 2, "squared": 2, "cubic": 3, "cu": 3, "cubed": 3}
_PLURALS = {"feet": "foot", "inches": "inch", "people": "person", "children": "child", "men": "man"}


def singular(word: str) -> str:
    """The unit's one name, else the word in lower case without its plural."""
    if word in UNITS:
        return UNITS[word]
    lower = word.lower()
    for form in (lower, lower.removesuffix("s"), lower.removesuffix("es")):
        if form in UNITS and len(form) > 1:
            return UNITS[form]
    lower = _PLURALS.get(lower, lower)
    return lower if lower.endswith("ss") else lower.removesuffix("s")
