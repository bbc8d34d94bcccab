"""Names -> one regular expression, which many models must not make slow."""

from __future__ import annotations

import re

import pytest

from snakeval.dag.patterns import either

NAMES: dict[str, list[str]] = {
    "none": [],
    "one": ["math"],
    "nothing in common": ["math", "judge"],
    "one begins another": ["run", "run-1", "run-10", "run-1b"],
    "characters with a meaning": ["a.b+c", "a.b", "a[1]", "a(1)", "a|b", "a{2}", "a*"],
    "the same twice": ["late", "late"],
    "checkpoints": [f"vllm-run-step{step}" for step in range(0, 4000, 25)],
    "other alphabets": ["modèle", "модель", "模型"],
}
OTHERS = (
    "",
    "r",
    "run-",
    "run-1bc",
    "axb+c",
    "a",
    "b",
    "aa",
    "a22",
    "mat",
    "maths",
    "vllm-run-step",
    "vllm-run-step7",
    "lat",
)


@pytest.mark.parametrize("case", NAMES)
def test_it_matches_these_names_and_no_others(case: str) -> None:
    names = set(NAMES[case])
    expression = re.compile(either(NAMES[case]))
    every = {name for known in NAMES.values() for name in known} | set(OTHERS)
    assert {name for name in every if expression.fullmatch(name)} == names


def test_a_match_tries_few_of_many_names() -> None:
    # As many choices as there are digits, whatever the number of models.
    names = [f"vllm-organisation-model-{number}" for number in range(1000)]
    choices = re.findall(r"[^(?:)]*\|[^(?:)]*(?:\|[^(?:)]*)*", either(names))
    assert either(names).count("vllm") == 1
    assert max(choice.count("|") for choice in choices) < 10
