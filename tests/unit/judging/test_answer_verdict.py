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


@pytest.mark.parametrize("judge", ["imo-answer", "demo-answer"])
@pytest.mark.parametrize(("text", "verdict"), TEXTS)
def test_verdict(judge: str, text: str, verdict: bool | None) -> None:
    settings = yaml.safe_load((CONFIG / f"judges/{judge}.yaml").read_text())
    assert answer_verdict(text, Verdicts.model_validate(settings["verdicts"])) is verdict
