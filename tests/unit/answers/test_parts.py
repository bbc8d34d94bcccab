"""What stands with a quantity, what a list holds, what a word is, and each row of the table of spellings."""

from __future__ import annotations

import pytest

from snakeval.answers.clock import same_time
from snakeval.answers.members import members
from snakeval.answers.quantities import quantity, same_unit
from snakeval.answers.spelling import TABLE, spelled
from snakeval.answers.words import is_words

# row of the table: (written, spelled)
SPELLINGS = {
    "dashes, spaces, full width and signs of Unicode": [
        ("\u22125", "-5"),
        ("\u20145", "-5"),
        ("\uff0b\uff15", "+5"),
        ("5 \u2713", "5"),
        ("2\u00d73", r"2\times 3"),
    ],
    "raised and lowered digits": [("x\u00b2", "x^{2}"), ("10\u207b\u00b3", "10^{-3}"), ("a\u2081", "a_{1}")],
    "digits with a line over them": [
        ("0.3\u0305", r"0.\overline{3}"),
        ("0.1\u03052\u0305", r"0.\overline{12}"),
    ],
    "vulgar fractions": [
        ("\u00bd", r"\frac{1}{2}"),
        ("1\u00be", r"1\frac{3}{4}"),
        ("\u215b", r"\frac{1}{8}"),
    ],
    "Markdown around all of it": [("**5**", "5"), ("`5`", "5"), ("2**5", "2^5")],
    "check marks, ends of proofs, phantoms": [(r"5 \checkmark", "5"), (r"5\hspace{1cm}", "5")],
    "separators at the end": [
        ("5,", "5"),
        ("5;", "5"),
        (r"5\\ ", "5"),
        (r"5\ ", "5"),
        (r"5\quad", "5"),
        (",", ","),
    ],
    "braces around all of it": [
        ("{5}", "5"),
        (r"{30^\circ}", r"30^\circ"),
        ("{a}{b}", "{a}{b}"),
        ("{1,2}", "{1,2}"),
    ],
    "fonts, sizes and colours": [
        (r"\boldsymbol{5}", "5"),
        (r"\color{red}{5}", "5"),
        (r"{\color{red} 5}", "5"),
        (r"\textcolor{blue}{x+1}", "x+1"),
        (r"x^\boldsymbol{12}", "x^{12}"),
        (r"\displaystyle \frac{1}{2}", r"\frac{1}{2}"),
    ],
    "empty sets": [(r"\varnothing", r"\emptyset"), (r"\{ \}", r"\emptyset"), ("\u2205", r"\emptyset")],
    "one formula in an environment for several": [
        (r"\begin{aligned} x &= 6 \end{aligned}", "x  = 6"),
        (r"\begin{aligned} x \\ y \end{aligned}", r"\begin{aligned} x \\ y \end{aligned}"),
    ],
    "functions in text boxes": [(r"\operatorname{arctan}(1)", r"\arctan (1)"), (r"\mathrm{ln} 2", r"\ln  2")],
    "words before an answer": [
        (r"\text{Answer: }5", "5"),
        (r"\text{The answer is 5}", "5"),
        (r"\text{18 years}", r"18\text{ years}"),
        (r"\text{If it is }5", r"\text{If it is }5"),
        (r"\text{20 June}", r"\text{20 June}"),
    ],
    "formulas in text boxes": [
        (r"\text{x = 5}", "x = 5"),
        (r"\mathbf{5}", "5"),
        (r"\text{Row 2}", r"\text{Row 2}"),
        (r"3\text{ m/s}", r"3\text{ m/s}"),
    ],
    "names for fractions": [(r"\nicefrac{1}{2}", r"\frac{1}{2}"), ("frac{1}{2}", r"\frac{1}{2}")],
    "binomials of two digits": [(r"\binom52", r"\binom{5}{2}")],
    "a factorial that equals": [("5!=120", "5! =120"), ("x!=3", "x!=3")],
    "pi as a word": [("2pi", r"2\pi"), (r"\pi", r"\pi"), ("pie", "pie")],
    "degrees as a raised o": [("74^o", r"74^\circ"), (r"74\degree", r"74^\circ"), ("x^{on}", "x^{on}")],
    "a base in words": [(r"2516\text{ (base 8)}", "2516_{8}"), ("based on 8", "based on 8")],
    "a letter by itself, as of a choice": [
        (r"\text{B}", "B"),
        (r"\textbf{(C)}", "C"),
        ("(D)", "D"),
        ("(x)", "(x)"),
    ],
    "mixed numbers with a slash": [("1 1/2", r"1\frac{1}{2}"), ("x 1/2", "x 1/2")],
    "the value before the variable": [("5 = x", "x = 5"), ("2x = y", "y = 2x"), ("a = b", "a = b")],
    "degrees inside functions": [
        (r"\sin(90^\circ-x)", r"\sin(\frac{90\pi}{180}-x)"),
        (r"90^\circ", r"90^\circ"),
    ],
    "the imaginary unit before a parenthesis": [("i(2-i)", r"i \cdot (2-i)"), ("f_i(2)", "f_i(2)")],
    "primes": [("f'(x)", r"f^{\prime}(x)"), ("y''", r"y^{\prime\prime}")],
    "ordinals": [("3rd", "3"), (r"5^{\text{th}}", "5"), (r"5\text{ thin}", r"5\text{ thin}")],
    "units written as fractions": [(r"5\,\frac{\text{km}}{\text{h}}", r"5\,\text{km}/\text{h}")],
    "degrees, digit groups, exponents and roots as in code": [
        ("12{,}345", "12345"),
        (r"15,\!000", "15000"),
        ("1e-3", r"1 \times 10^{-3}"),
        ("2**10", "2^10"),
        ("sqrt(3)", r"\sqrt{3}"),
    ],
}


@pytest.mark.parametrize(
    ("name", "written", "wanted"), [(k, *row) for k, rows in SPELLINGS.items() for row in rows]
)
def test_each_row_of_the_table(name: str, written: str, wanted: str) -> None:
    assert spelled(written) == wanted


def test_no_row_of_the_table_is_without_a_test() -> None:
    assert [name for name, _ in TABLE] == list(SPELLINGS)


@pytest.mark.parametrize(
    ("text", "core", "unit", "words"),
    [
        (r"10\text{ cm}", "10", {"cm": 1}, ()),
        ("10 cm^2", "10", {"cm": 2}, ()),
        (r"5\text{ square feet}", "5", {"foot": 2}, ()),
        (r"3\text{ m}/\text{s}", "3", {"m": 1, "s": -1}, ()),
        ("18 dollars per hour", "18", {"dollar": 1, "h": -1}, ()),
        (r"\$36", "36", {"dollar": 1}, ()),
        (r"74^\circ", "74", {"degree": 1}, ()),
        (r"1950^\circ C", "1950", {"degC": 1}, ()),
        (r"15000 \text{ kcal m}^{-2} \text{yr}^{-1}", "15000", {"kcal": 1, "m": -2, "year": -1}, ()),
        (r"4\text{ or more}", "4", {}, ("or", "more")),
        ("6m", "6m", {}, ()),
        (r"6\text{ m}", "6", {"m": 1}, ()),
        ("2xy", "2xy", {}, ()),
        (r"10\text{ hours } 30\text{ minutes}", r"10\text{ hours } 30", {"minute": 1}, ()),
        (r"A^\mathrm{T}", r"A^\mathrm{T}", {}, ()),
        (r"\text{Evelyn}", r"\text{Evelyn}", {}, ()),
    ],
)
def test_quantities(text: str, core: str, unit: dict[str, int], words: tuple[str, ...]) -> None:
    found = quantity(text)
    assert (found.core, found.unit, found.words) == (core, unit, words)


@pytest.mark.parametrize(
    ("gold", "answer", "same"),
    [
        (r"5\text{ cm}", "5", True),
        ("5", r"5\text{ cm}", True),
        (r"5\text{ cm}", "5 centimeters", True),
        (r"5\text{ cm}", r"5\text{ m}", False),
        (r"5\text{ cm}", r"5\text{ cm}^2", False),
        ("5 apples", "5 red apples", True),
        ("5 apples", "5 oranges", False),
        ("5", "5 or more", False),
        ("5 or more", "5 or more", True),
    ],
)
def test_units(gold: str, answer: str, same: bool) -> None:
    assert same_unit(quantity(gold), quantity(answer)) is same


@pytest.mark.parametrize(
    ("text", "sides", "parts"),
    [
        ("120, 240", "", ("120", "240")),
        ("120,240", "", ("120,240",)),
        ("98,99,100,101", "", ("98", "99", "100", "101")),
        ("(1,200)", "()", ("1", "200")),
        (r"\{1,2\}", "{}", ("1", "2")),
        ("{1,2,3}", "", ("1", "2", "3")),
        ("[0,1)", "[)", ("0", "1")),
        (r"1\text{ and }2", "", ("1", "2")),
        ("1, 2 and 3", "", ("1", "2", "3")),
        ("p=5,q=2;p=7,q=3", "", ("p=5,q=2", "p=7,q=3")),
        ("p=5,q=2 or p=7,q=3", "", ("p=5,q=2", "p=7,q=3")),
        ("(x,y)=(1,2)", "()", ("1", "2")),
        (r"(-\infty,-8)\cup(8,\infty)", "", (r"(-\infty,-8)\cup(8,\infty)",)),
        ("f(1,2)", "", ("f(1,2)",)),
        (r"4\text{ or more}", "", (r"4\text{ or more}",)),
    ],
)
def test_members(text: str, sides: str, parts: tuple[str, ...]) -> None:
    found = members(text)
    assert (found.sides, found.parts) == (sides, parts)


@pytest.mark.parametrize(
    ("gold", "answer", "same"),
    [
        ("12:30", "2:5", False),
        ("9:05", "09:05", True),
        ("9:05 AM", r"9:05 \text{ a.m.}", True),
        ("9:05 AM", "9:05 p.m.", False),
        ("9:05 AM", "9:05", True),
        ("3:4", "6:8", None),
        ("5", "5:00", None),
    ],
)
def test_times(gold: str, answer: str, same: bool | None) -> None:
    assert same_time(gold, answer) is same


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("seat", True),
        (r"\text{No solution}", True),
        ("no", True),
        ("xy", False),
        ("x", False),
        ("pi", False),
        ("2ab", False),
    ],
)
def test_words(text: str, words: bool) -> None:
    assert is_words(text) is words
