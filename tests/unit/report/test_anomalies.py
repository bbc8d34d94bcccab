"""Signs of single samples, and anomalies of models and benchmarks, in both directions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from snakeval.report.joined import Joined, Parts
from snakeval.report.site import anomalies, signs
from snakeval.report.site.anomalies import Anomaly
from snakeval.report.site.pairs import Facts
from snakeval.statistics.paired import Outcomes
from snakeval.types import VERDICTS, Generation, Grade, Json, Problem

# What a model says at first, and whether that is a refusal.
REFUSALS = [
    ("I'm sorry, but I can't assist with that.", True),
    ("I\u2019m sorry, I cannot help with this request.", True),
    ("I am sorry, but I can not provide this.", True),
    ("As an AI, I am unable to discuss that.", True),
    ("Unfortunately, I won't be able to help.", True),
    ("I cannot comply.", True),
    ("Sorry, I can't do that.", True),
    ("I apologize, but I can't engage with this.", True),
    ("I cannot find any x below 3, so the answer is 4.", False),
    ("We can't divide by zero, which does not help.", False),
    ("Sorry for the long answer: 4", False),
    ("The answer is 4. I'm sorry, I can't assist further.", False),
    ("", False),
    ("I can help with that.", False),
    ("Imagine that I'm sorry to assist.", False),
]


@pytest.mark.parametrize(("answer", "expected"), REFUSALS)
def test_refusals(answer: str, expected: bool) -> None:
    assert signs.refuses(answer) == expected


RUSSIAN = "\u041e\u0442\u0432\u0435\u0442 \u043d\u0430 \u0432\u043e\u043f\u0440\u043e\u0441"
CHINESE = "\u56e0\u4e3a\u4e8c\u52a0\u4e8c\u7b49\u4e8e\u56db" * 4
LATIN = "because two and two are four, as we have seen before"
# Problem, answer, whether much of the answer is in a script that the problem is not in.
SCRIPTS = [
    ("What is 2 + 2?", LATIN, False),
    ("What is 2 + 2?", CHINESE, True),
    ("What is 2 + 2?", f"{LATIN} {CHINESE}", True),
    ("What is 2 + 2?", f"{RUSSIAN} {RUSSIAN}", True),
    ("What is 2 + 2?", "\u03b1 + \u03b2 = \u03b3, " * 20, False),
    ("What is 2 + 2?", f"{LATIN} {LATIN} {LATIN} \u56db", False),
    ("What is 2 + 2?", "M\u00fcller \u00fcber Stra\u00dfe na\u00efve caf\u00e9 d\u00e9j\u00e0 vu", False),
    (CHINESE, CHINESE, False),
    (CHINESE, LATIN, True),
    (CHINESE, "$\\alpha + \\beta = \\frac{first}{second}$ ```python\nprint(because_two_and_two)\n```", False),
    (f"Translate: {CHINESE}", LATIN, False),
    (f"Translate into Russian: {LATIN}", f"{RUSSIAN} {RUSSIAN}", True),
]


@pytest.mark.parametrize(("asked", "answer", "expected"), SCRIPTS)
def test_an_answer_in_another_script(asked: str, answer: str, expected: bool) -> None:
    assert signs.changes_script(asked, answer) == expected


def sample(extracted: str | None, reference: str | None, reward: float | None) -> Joined:
    generation = Generation("p", 0, "0" * 32, (), 0, "x", None, "stop", 1, 1, 1.0)
    verdict: Any = "correct" if reward else "incorrect"
    grade = Grade("p", 0, "0" * 32, reward, extracted, verdict)
    return Joined(Problem("p", (), reference), generation, Parts("", "x", ""), {"g": grade})


@pytest.mark.parametrize(
    ("extracted", "reference", "reward", "expected"),
    [
        ("34", "34", 0.0, True),
        (" 3 4", "34 ", 0.0, True),
        ("34", "34", 1.0, False),
        ("34", "34", None, False),
        ("35", "34", 0.0, False),
        (None, "34", 0.0, False),
        ("34", None, 0.0, False),
        ("", "", 0.0, False),
    ],
)
def test_a_golden_answer_called_wrong(
    extracted: str | None, reference: str | None, reward: float | None, expected: bool
) -> None:
    assert (signs.EQUAL in list(signs.of(sample(extracted, reference, reward)))) == expected


def facts(model: str = "m", samples: int = 2, problems: int = 20, **changed: Sequence[Any]) -> Facts:
    """Facts of a sound run: answers differ, all ended well."""
    rows = [(p, s) for p in range(problems) for s in range(samples)]
    sound: dict[str, Any] = {
        "problem": [p for p, _ in rows],
        "sample": [s for _, s in rows],
        "told": list(range(len(rows))),
        "ending": ["finished"] * len(rows),
    }
    made = Facts("b", model, **{**sound, **changed})
    made.extracted["g"] = [f"{p}" for p, _ in rows]
    made.verdicts["g"] = [VERDICTS.index("correct")] * len(rows)
    return made


IDS = [f"p{i}" for i in range(20)]
REFERENCES: list[str | None] = [f"{i}" for i in range(20)]


def kinds_of(found: Sequence[Anomaly]) -> list[str]:
    return [each.kind for each in found]


def test_a_sound_run_has_no_anomaly() -> None:
    assert list(anomalies.of_samples(facts(), IDS, REFERENCES)) == []
    assert list(anomalies.between_models([facts("m"), facts("n")], IDS)) == []


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([p for p in range(20) for _ in range(2)], ["identical samples"]),
        ([*([0, 0] * 2), *range(1, 37)], ["identical samples"]),
        ([0, 0, *range(1, 39)], []),
        ([None] * 40, []),
    ],
)
def test_identical_samples(told: list[int | None], expected: list[str]) -> None:
    assert kinds_of(list(anomalies.of_samples(facts(told=told), IDS, REFERENCES))) == expected


def test_single_samples_are_never_identical() -> None:
    assert list(anomalies.of_samples(facts(samples=1, told=[1] * 20), IDS, REFERENCES)) == []


@pytest.mark.parametrize(
    ("answers", "references", "expected"),
    [
        (["7"] * 40, REFERENCES, ["one answer for all"]),
        (["7"] * 24 + [f"{i}" for i in range(16)], REFERENCES, ["one answer for all"]),
        (["7"] * 40, ["7"] * 20, []),  # it is the right one
        (["7"] * 16 + [f"{i}" for i in range(24)], REFERENCES, []),
        ([None] * 40, REFERENCES, []),
    ],
)
def test_one_answer_for_all(
    answers: list[str | None], references: list[str | None], expected: list[str]
) -> None:
    made = facts()
    made.extracted["g"] = answers
    assert kinds_of(list(anomalies.of_samples(made, IDS, references))) == expected


@pytest.mark.parametrize(
    ("null", "expected"),
    [([0, 1, 2, 3], ["judge nulls in a cluster"]), ([0, 4, 8, 12, 16], []), ([0, 1], []), ([], [])],
)
def test_judge_nulls_in_a_cluster(null: list[int], expected: list[str]) -> None:
    made = facts(samples=4)
    for row in null:
        made.verdicts["g"][row] = VERDICTS.index("judge_null")
    assert kinds_of(list(anomalies.of_samples(made, IDS, REFERENCES))) == expected


@pytest.mark.parametrize(("cut", "expected"), [(20, ["truncation above what is usual"]), (5, []), (3, [])])
def test_truncation_above_what_is_usual(cut: int, expected: list[str]) -> None:
    ending = ["truncated"] * cut + ["finished"] * (40 - cut)
    usual = ["truncated"] * 2 + ["finished"] * 38
    models = [facts("m", ending=ending), facts("n", ending=usual), facts("o", ending=usual)]
    found = list(anomalies.between_models(models, IDS))
    assert kinds_of(found) == expected
    assert all(each.model == "m" for each in found)


def test_refusals_count_those_of_filters() -> None:
    made = facts("m", ending=["filtered"] * 3 + ["finished"] * 37)
    made.signs[signs.REFUSAL] = [("p9", 0), ("p9", 1)]
    (found,) = anomalies.between_models([made, facts("n")], IDS)
    assert (found.kind, len(found.links)) == ("refusals above what is usual", 5)


@pytest.mark.parametrize(
    ("correct", "expected"),
    [
        ([[0, 1, 2], [0, 2, 2]], ["p0"]),
        ([[0, 1, 0], [0, 2, 0]], ["p0", "p2"]),
        ([[1, 1, 1], [0, 2, 2]], None),
        ([[0, 0, 0], [0, 0, 0]], None),  # nobody solves anything: no sign of one problem
        ([[0, 1, 2]], None),
    ],
)
def test_problems_that_every_model_fails(correct: list[list[int]], expected: list[str] | None) -> None:
    found = {
        f"m{i}": Outcomes(("p0", "p1", "p2"), np.array([2, 2, 2]), np.array(c)) for i, c in enumerate(correct)
    }
    links = [[link[1] for link in each.links] for each in anomalies.failed_by_all("b", "g", found)]
    assert links == ([] if expected is None else [expected])


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"model": "child", "other": "parent", "difference": -0.1, "p": 0.01}, "-10.00"),
        ({"model": "parent", "other": "child", "difference": 0.1, "p": 0.01}, "-10.00"),
        ({"model": "child", "other": "parent", "difference": 0.1, "p": 0.01}, None),
        ({"model": "parent", "other": "child", "difference": -0.1, "p": 0.01}, None),
        ({"model": "child", "other": "parent", "difference": -0.1, "p": 0.2}, None),
        ({"model": "child", "other": "stranger", "difference": -0.1, "p": 0.01}, None),
    ],
)
def test_a_fall_against_the_parent(row: Json, expected: str | None) -> None:
    found = list(anomalies.falls("b", "g", [row], {"child": "parent"}))
    assert [expected] * len(found) == [each.text.split()[1] for each in found]
    assert bool(found) == (expected is not None)
    assert all(each.model == "child" for each in found)


def test_problems_that_ask_the_same() -> None:
    def asking(name: str, text: str) -> Problem:
        return Problem(name, ({"role": "user", "content": text},), None)

    problems = [asking("a", "What  is 1?"), asking("b", "what is 1?\n"), asking("c", "What is 2?")]
    (found,) = anomalies.of_problems("b", problems, "m")
    assert [link[1] for link in found.links] == ["a", "b"]
