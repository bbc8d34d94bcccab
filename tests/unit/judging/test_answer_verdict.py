"""Verdicts of the shipped answer judges in their usual variants; what says neither or both is null."""

from __future__ import annotations

import pytest
import yaml

from snakeval.config.jsonschema import CONFIG
from snakeval.judging.bench import answer_verdict
from snakeval.schema import Verdicts

# (a judge's text, whether it says correct, None for a null)
TEXTS: list[tuple[str, bool | None]] = [
    (r"\boxed{Correct}", True),
    (r"\boxed{Incorrect}", False),
    (r"\boxed{correct}", True),
    (r"\boxed{\textbf{Correct}}", True),
    (r"\boxed{\text{Incorrect}}", False),
    (r"\boxed{\text{Correct.}}", True),
    (r"$\boxed{\mathrm{Incorrect}}$", False),
    (r"\boxed{ INCORRECT }", False),
    (r"\fbox{Correct}", True),
    (r"\boxed {**Correct**}", True),
    (r"\boxed{\textbf{\textit{Incorrect}}}", False),
    (r"\boxed{\mathbf{Correct}}", True),
    (r"\boxed{$\text{Correct}$}", True),
    (r"\boxed{\textcolor{green}{Correct}}", True),
    (r"\boxed{\color{red}{Incorrect}}", False),
    (r"\boxed{\large Correct}", True),
    (r"\boxed{\bf Incorrect}", False),
    (r"\boxed{\boldsymbol{Correct}}", True),
    (r"\boxed{\underline{\text{Correct}}}", True),
    (r"\boxed{\mbox{Incorrect}}", False),
    (r"\boxed{\quad\text{Correct}\quad}", True),
    (r"\boxed{\text{Correct} \checkmark}", True),
    (r"\boxed{Correct ✓}", True),
    (r"\boxed{'Correct'}", True),
    (r"\boxed{“Incorrect”}", False),
    (r"\boxed{\not Correct}", None),
    (r"\boxed{\text{not }\text{Correct}}", None),
    (r"\boxed{\text{Correct} \text{ or } \text{Incorrect}}", None),
    (r"\boxed{\text{Correct}/\text{Incorrect}}", None),
    (r"\boxed{\text{Correct} or \text{Incorrect}}", None),
    (r"The answers are \boxed{42} and 42. \boxed{Correct}", True),
    (r"\boxed{Incorrect}. No, the golden answer was misread. \boxed{Correct}", True),
    (r"\boxed{Correct} or \boxed{Incorrect}", None),
    (r"\boxed{Incorrect}/\boxed{Correct}", None),
    (r"\boxed{Correct or Incorrect}", None),
    (r"\boxed{Not correct}", None),
    (r"\boxed{Partially correct}", None),
    (r"\boxed{Correctness}", None),
    (r"\boxed{Correct", None),
    (r"\boxed{}", None),
    ("Correct", None),
    ("", None),
    (r"\boxed{\text" * 20_000, None),
]


# The same of the judges whose verdict is the last line.
LINES: list[tuple[str, str, bool | None]] = [
    ("hle", "Final answer: 3.\ncorrect: yes", True),
    ("hle", "correct: no", False),
    ("hle", "**Correct:** Yes", True),
    ("hle", "- correct: **no**.", False),
    ("hle", "correct: yes\n\nOn second thought:\n\nthe sign differs, so that\ncorrect: no", False),
    ("hle", "Incorrect: no", None),
    ("hle", "It is correct: yes, nearly", None),
    ("hle", "correct: yes or no", None),
    ("hle", "correct: not clear", None),
    ("hle", "yes", None),
    ("hle", "correct:\nyes", True),
    ("hle", "", None),
    ("simpleqa", "Grade: CORRECT", True),
    ("simpleqa", "Grade: INCORRECT", False),
    ("simpleqa", "Grade: NOT_ATTEMPTED", False),
    ("simpleqa", "**Grade: CORRECT**", True),
    ("simpleqa", "It names the city.\nGRADE: NOT ATTEMPTED.", False),
    ("simpleqa", "Grade: CORRECT, Grade: INCORRECT or Grade: NOT_ATTEMPTED", None),
    ("simpleqa", "Grade: CORRECT or INCORRECT", None),
    ("simpleqa", "Grade: Correct", None),
    ("simpleqa", "Grade: A", None),
    ("simpleqa", "CORRECT", None),
    ("simpleqa", "Grade: CORRECT_ISH", None),
    ("simpleqa", "", None),
]


@pytest.mark.parametrize(("judge", "text", "expected"), LINES)
def test_a_last_line_as_verdict(judge: str, text: str, expected: bool | None) -> None:
    found = yaml.safe_load((CONFIG / "judges" / f"{judge}.yaml").read_text())
    assert answer_verdict(text, Verdicts.model_validate(found["verdicts"])) is expected


@pytest.mark.parametrize("judge", ["imo-answer", "demo-answer"])
@pytest.mark.parametrize(("text", "verdict"), TEXTS)
def test_verdict(judge: str, text: str, verdict: bool | None) -> None:
    settings = yaml.safe_load((CONFIG / f"judges/{judge}.yaml").read_text())
    assert answer_verdict(text, Verdicts.model_validate(settings["verdicts"])) is verdict
