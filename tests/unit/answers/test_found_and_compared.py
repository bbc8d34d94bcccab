"""Answers of odd shapes against golden answers: lists, units, intervals, tuples, several answers."""

from __future__ import annotations

import pytest

from snakeval.answers.extract import ALTERNATIVE, Extraction, Form, strict
from snakeval.grading.graders import Task
from snakeval.grading.graders.equivalence import compare

# (golden answer, what a model put in its box, whether it is right)
LISTS = [
    ("1,3,5", "5, 3, 1", True),
    ("1,3,5", "1, 3", False),
    ("1,3,5", "1, 3, 5, 7", False),
    ("1,3,5", "{1, 3, 5}", True),
    ("1,3,5", r"1, 3 \text{ and } 5", True),
    ("$69$,$84$", "69, 84", True),
    ("$69$,$84$", "84", False),
    (r"$\frac{1}{3},-2,5$", r"5, -2, \frac13", True),
    ("2,3", r"\{2, 3\}", True),
]
UNITS = [
    ("45", r"45\text{ minutes}", True),
    ("45", r"45 \text{ min}", True),
    ("45", r"44\text{ minutes}", False),
    (r"90^\circ", "90", True),
    ("90", r"90^{\circ}", True),
    ("18", r"\$18", True),
    ("18", "18 dollars", True),
    ("5.4", r"5.4\text{ cm}^2", True),
    ("50", r"50\%", True),
    ("3.83e35", r"3.83 \times 10^{35}", True),
    ("3.83e35", r"3.83 \times 10^{34}", False),
    ("70000", "70,000", True),
]
INTERVALS = [
    (r"(-\infty, 0) \cup\{1\}", r"(-\infty,0)\cup\{1\}", True),
    (r"(-\infty, 0) \cup\{1\}", r"(-\infty,0]\cup\{1\}", False),
    (r"$[\frac{1}{2}, 8]$", "[0.5, 8]", True),
    (r"$[\frac{1}{2}, 8]$", r"(\frac12, 8]", False),
    (r"(-\infty,-5)", "x < -5", True),
    (r"(-\infty,-5)", r"x \le -5", False),
    (r"[-1, 2)", r"-1 \le x < 2", True),
    (r"[-1, 2)", r"-1 < x < 2", False),
]
TUPLES = [
    (r"\left( 3, \frac{\pi}{2} \right)", "(3, \\pi/2)", True),
    (r"\left( 3, \frac{\pi}{2} \right)", "(\\pi/2, 3)", False),
    ("$(1,1), (3,2)$", "(3,2), (1,1)", True),
    ("$(1,1), (3,2)$", "(1,1), (2,3)", False),
    ("$(1,1), (3,2)$", "(1,1)", False),
]
EQUATIONS = [
    ("$f(x)=x$,$f(x)=2-x$", "f(x)=2-x, f(x)=x", True),
    ("$f(x)=x$,$f(x)=2-x$", "f(x)=x", False),
    ("x^2+2x+1", "(x+1)^2", True),
    (r"\frac{2}{\sqrt{2}}", r"\sqrt{2}", True),
]
ALTERNATIVES = [
    (ALTERNATIVE.join(["0.01", "0.02"]), "0.02", True),
    (ALTERNATIVE.join(["0.01", "0.02"]), "0.01", True),
    (ALTERNATIVE.join(["0.01", "0.02"]), "0.03", False),
    (ALTERNATIVE.join(["0.01", "0.02"]), "0.01, 0.02", False),
    (ALTERNATIVE.join(["E_{1},E_{2}", "4"]), "4", True),
]


@pytest.mark.parametrize(
    ("golden", "answer", "right"), LISTS + UNITS + INTERVALS + TUPLES + EQUATIONS + ALTERNATIVES
)
def test_answer(golden: str, answer: str, right: bool) -> None:
    result = compare(Task(golden, answer, "boxed"))
    assert (result.status == "correct") == right, result


# (text, forms asked for, what is found)
STRICT: list[tuple[str, list[Form], Extraction | None]] = [
    (r"\boxed{4}. The answer is 4.", ["boxed"], Extraction("4", "boxed")),
    (r"\boxed{4}. The answer is 5.", ["answer_is"], Extraction("5", "marked")),
    (r"\boxed{4}. The answer is 5.", ["boxed", "answer_is"], Extraction("4", "boxed")),
    ("The answer is 5.", ["boxed", "answer_is"], Extraction("5", "marked")),
    ("It is 5.\n#### 5", ["hashes"], Extraction("5", "marked")),
    ("It is 5.\n#### 5", ["boxed"], None),
    ("The answer is 5.", ["hashes"], None),
    (r"The answer is $\frac{1}{9}$.", ["answer_is"], Extraction(r"\frac{1}{9}", "marked")),
    (r"The answer is \(x = 2\).", ["answer_is"], Extraction("x = 2", "marked")),
    ("The answer is $18.", ["answer_is"], Extraction("$18", "marked")),
    ("The answer is not known to me.", ["answer_is"], None),
    ("5", ["boxed", "hashes", "answer_is"], None),
]


@pytest.mark.parametrize(("text", "forms", "found"), STRICT)
def test_strict(text: str, forms: list[Form], found: Extraction | None) -> None:
    assert strict(text, forms) == found
