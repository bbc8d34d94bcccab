"""Tables of (golden answer, answer, expected verdict) from the tests of three verifiers: rows that agree.

Every row where we differ is in DIFFERENCES under its reason:

- decimal comma: `1,22` as a golden answer is two numbers to us, as in the lists that benchmarks have; the
  test reads 1.22 because it parses plain numbers only.
- a mistaken expectation: the test wants 1 + 1/e to be 1 - 1/e, because its settings compare with neither.
- extraction settings: the test wants `$ \n 9 \n $` left unread by a LaTeX-only configuration; the default
  one, which we use, reads the 9.
- comparison settings: the test asks for 2 decimal places, relations equal to sets, or variables equal by
  position. We use the defaults: 6 places, sets only where the answer is one, variables by name.
- the box is not last: the text boxes an intermediate 255 and then says that the answer is 10,455. With
  a box in the text, the box is the answer.
- boxes with words between: two boxes are one answer only where nothing but separators stands between
  them; "for part (a) and" is more, and a sentence between two boxes is more often a correction than a list.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from math_verify import parse, verify

from golden.figure import Figure, json_lines
from snakeval.grading.graders import Answer
from snakeval.grading.graders.math import outcomes

Row = dict[str, Any]
DIFFERENCES: dict[str, dict[tuple[str, str], str]] = {
    "math_verify_tests": {
        (r"$1 - \frac{1}{\mathrm{e}}$", r"$1 + \frac{1}{\mathrm{e}}$"): "a mistaken expectation",
        ("1,22", "1.22"): "decimal comma",
        ("$9$", "Answer $ \n 9 \n $"): "extraction settings",
        ("$9$", "Answer \\( \n 9 \n \\)"): "extraction settings",
        (
            r"$(\begin{pmatrix}\frac{1}{3}\\ \frac{1}{5} \end{pmatrix})$",
            r"$\begin{pmatrix}0.33\\0.2 \end{pmatrix}$",
        ): "comparison settings",
        (r"$(\frac{3}{5},\frac{8}{3}]$", "$(0.6,2.6667]$"): "comparison settings",
        (r"$x \in [-2,7]$", r"$-2 \\le x \\le 7$"): "comparison settings",
        ("$f(x)$", "$f(y)$"): "comparison settings",
        ("$10455$", "The final answer is $10,455$. I hope it is correct."): "the box is not last",
        (
            "$$(3, 3), (1, 1)$$",
            r"$$\boxed{(3, 3)} \text{ for part (a) and } \boxed{(1, 1)}$$",
        ): "boxes with words between",
    },
    "inspect_ai_math_cases": {},
    "nemo_skills_math_equal_tests": {},
}


def figures(data: Path) -> Iterator[Figure]:
    for table, known in DIFFERENCES.items():
        rows = json_lines(data / "verify_tables" / f"{table}.jsonl")
        same = agreements(rows)
        differing = [row for row, agrees in zip(rows, same, strict=True) if not agrees]
        reasons = [reason(row, known) for row in differing]
        named = [f"{row['gold']} | {str(row['pred'])[-60:]}" for row in differing]
        why = "; ".join(dict.fromkeys(filter(None, reasons))) if differing and all(reasons) else None
        name = f"{table}, rows (math-verify alone: {sum(map(_alone, rows))})"
        yield Figure("verifier tables", name, len(rows), sum(same), rows=named, why=why)


def agreements(rows: list[Row]) -> list[bool]:
    """Whether our verdict is the expected one; a row without an answer is never right."""
    answers = [Answer(row["test"], str(row["gold"]), str(row["pred"])) for row in rows]
    verdicts = outcomes(answers, 60, 2)
    return [
        (outcome.verdict == "correct" and row["pred"] is not None) == bool(row["expected"])
        for row, outcome in zip(rows, verdicts, strict=True)
    ]


def _alone(row: Row) -> bool:
    """Whether math-verify by itself, as it comes, gives the expected verdict."""
    gold, answer = (parse(str(row[key]), parsing_timeout=None) for key in ("gold", "pred"))
    right = row["pred"] is not None and verify(gold, answer, timeout_seconds=None)
    return bool(right) == bool(row["expected"])


def reason(row: Row, known: dict[tuple[str, str], str]) -> str | None:
    """Why a row's verdict differs from the expected one, None if nobody knows."""
    found = (
        why for (gold, pred), why in known.items() if gold == row["gold"] and str(row["pred"]).endswith(pred)
    )
    return next(found, None)
