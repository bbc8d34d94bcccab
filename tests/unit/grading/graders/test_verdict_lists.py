"""Lists, tuples, sets and intervals against golden ones: by their members."""

from __future__ import annotations

import pytest

from snakeval.grading.graders import Task
from snakeval.grading.graders.equivalence import compare

Row = tuple[str, str, bool]

# Lists have members, tuples are no sets.
LISTS: list[Row] = [
    ("120240", "120, 240", False),
    ("120, 240", "120240", False),
    ("120, 240", "240, 120", True),
    ("(1,2)", r"\{1,2\}", False),
    ("(1,2)", "1, 2", True),
    ("1, 2", "1, 2, 3", False),
    ("1, 2, 3", "1, 2", False),
    (r"\{1,2\}", r"\{2,1\}", True),
    (r"\{1,2\}", r"\{1,1,2\}", True),
    (r"\{1,2\}", "1,2", True),
    (r"\pm 2", "2, -2", True),
    ("2,-2", r"\pm 2", True),
    ("(1,2)", "1<x<2", True),
    ("(1,2)", "(2,1)", False),
    ("[0,1]", "(0,1)", False),
    ("1,2,3", "1,2", False),
    ("1,2,3", "1,2,4", False),
    ("1, 2, 3", "3; 2; 1", True),
    ("(1,2),(3,4)", "(3,4),(1,2)", True),
    ("(1,2),(3,4)", "(1,2)", False),
    ("(1,2),(3,4)", "1,2,3,4", False),
    (r"\{1,2,3\}", "1,2,3", True),
    ("(1,2,3)", r"\{1,2,3\}", False),
    ("1,200", "1200", True),
    ("1200", "1, 200", False),
    ("10, 20", r"10\text{ and }20", True),
    ("10", "10 and 20", False),
    ("x=1,y=2", "y=2,x=1", True),
    ("x=1,y=2", "x=2,y=1", False),
    ("x=1,y=2", "(1,2)", True),
    ("[1,2]", "(1,2)", False),
    ("[1,2]", r"\{1,2\}", False),
    ("1,1,2", "1,2", False),
    ("1,2", "1,1,2", True),
    (r"\emptyset", "0", False),
    (r"\emptyset", r"\{\}", True),
    ("(2,3)", r"\left(2,3\right)", True),
    (r"\langle 1,2\rangle", "(1,2)", True),
    (r"(1,\infty)", r"[1,\infty)", False),
    ("3", "(3)", True),
    ("1000000", "1,000,000", True),
    ("1000,2000", "1000, 2000", True),
]
# A unit behind a tuple, a sign of both kinds in a formula, unions as inequalities, ratios.
LISTS_IN_OTHER_WORDS: list[Row] = [
    ("(4,10)", r"(4,10)\text{ units}", True),
    ("(4,10)", r"(4,10)\text{ cm}", True),
    ("[4,10]", r"[4,10]\text{ meters}", True),
    (r"(4,10)\text{ m}", r"(4,10)\text{ cm}", False),
    ("(4,10)", r"(10,4)\text{ units}", False),
    ("[4,10]", r"(4,10)\text{ meters}", False),
    ("(4,10)", r"(4,10)\text{ or more}", False),
    ("(4,10)", r"(4,10)\text{ or }(10,4)", False),
    ("(4,10)", r"(4,10)\text{ million}", False),
    (r"\frac{1\pm\sqrt5}{2}", r"\frac{1+\sqrt5}{2}, \frac{1-\sqrt5}{2}", True),
    (r"\frac{1+\sqrt5}{2}, \frac{1-\sqrt5}{2}", r"\frac{1\pm\sqrt5}{2}", True),
    (r"x=\frac{1\pm\sqrt5}{2}", r"x=\frac{1+\sqrt5}{2}\text{ or }x=\frac{1-\sqrt5}{2}", True),
    (r"0, \pm 2", "-2, 0, 2", True),
    ("3+2i, 3-2i", r"3\pm 2i", True),
    (r"\frac{1\pm\sqrt5}{2}", r"\frac{1+\sqrt5}{2}", False),
    (r"\frac{1\pm\sqrt5}{2}", r"\frac{1+\sqrt5}{2}, \frac{1-\sqrt3}{2}", False),
    (r"0, \pm 2", "0, 2", False),
    (r"(-\infty,1)\cup(2,\infty)", r"x<1 \text{ or } x>2", True),
    (r"(-\infty,1)\cup(2,\infty)", "1>x or 2<x", True),
    (r"(-\infty,1]\cup[2,\infty)", r"x\le 1\text{ or }x\geq 2", True),
    (r"(0,1)\cup(2,3)", r"0<x<1\text{ or }2<x<3", True),
    (r"(-\infty,1]\cup[2,\infty)", r"x<1\text{ or }x\ge 2", False),
    (r"(-\infty,1)\cup(2,\infty)", r"x<1\text{ and }x>2", False),
    (r"(-\infty,1)\cup(2,\infty)", r"x<1\text{ or }y>2", False),
    (r"\{\emptyset\}", r"\emptyset", False),
    ("2:3:4", "4:6:8", True),
    ("2:5", r"2\text{ to }5", True),
    ("2:3:4", "2:3:5", False),
    ("2:3", "2:3:4", False),
    ("2:3", "3 to 2", False),
    (r"3:00\text{ p.m.}", "15:00", True),
    ("15:30", "3:30 AM", False),
    (r"1,2,\ldots", "1,2", False),
]


@pytest.mark.parametrize(("gold", "answer", "correct"), [*LISTS, *LISTS_IN_OTHER_WORDS])
def test_lists(gold: str, answer: str, correct: bool) -> None:
    assert (compare(Task(gold, answer, "boxed")).status == "correct") is correct
