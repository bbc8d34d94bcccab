"""Labels in judges' texts: forms seen in published judgments, and forms that must not be guessed."""

from __future__ import annotations

import pytest

from snakeval.judging.verdicts import CONVENTIONS, extract_label, normalized
from snakeval.statistics.labels import LABELS, mirrored


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize(
    "text",
    [
        "My final verdict is: [[{}]].",
        "Assistant A is significantly better: [[{}]]",
        'My final verdict is tie: "[[{}]]". The end.',
        "**Final verdict: [[{}]]**",
        "[[ {} ]]",
        "[[**{}**]]",
        "[[`{}`]]",
        "verdict [{}]",
        "First [[{0}]], and once more [[{0}]].",
        "[A>B] is how one says it, but [[{}]] is my verdict",
    ],
)
def test_the_five_labels(label: str, text: str) -> None:
    assert extract_label(text.format(label)) == label


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[A<B]]", "B>A"),
        ("[[A<<B]]", "B>>A"),
        ("[[B<A]]", "A>B"),
        ("[[B<<A]]", "A>>B"),
        ("[[B=A]]", "A=B"),
        ("[[A >> B]]", "A>>B"),
        ("[[B>A]] which is to say [[A<B]]", "B>A"),
    ],
)
def test_other_spellings(text: str, expected: str) -> None:
    assert extract_label(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Assistant B is better.",
        "A>B",
        "[[A>>A]]",
        "[[A>>>B]]",
        "[[A>C]]",
        "[[A]]",
        "[[5]]",
        "[[A>B]] ... on reflection [[A=B]]",
        "[[A>B]] [[A>>A]]",
        "[A>B] or [B>A]",
        "Choose one of [[A>>B]], [[A>B]], [[A=B]], [[B>A]], [[B>>A]].",
        "[[A>B]",
    ],
)
def test_nothing_is_guessed(text: str) -> None:
    assert extract_label(text) is None


def test_a_mirrored_label_speaks_of_the_other_side() -> None:
    assert [mirrored(label) for label in LABELS] == list(reversed(LABELS))
    assert all(mirrored(mirrored(label)) == label for label in LABELS)


# (text, as v0.1 stores it, as v2.0 stores it, as we read it)
DIFFERENCES = [
    ("[[A>B]]", "A>B", "A>B", "A>B"),
    ("[[A>B]] ... on reflection [[A=B]]", None, "A=B", None),
    ("[[A>B]] ... once more [[A>B]]", "A>B", "A>B", "A>B"),
    ("[[B>A]], that is [[A<B]]", None, "A<B", "B>A"),
    ("[[A<B]]", "A<B", "A<B", "B>A"),
    ("[[A>>A]]", "A>>A", "A>>A", None),
    ("[[ A>>B ]]", None, None, "A>>B"),
    ("[[**A>B**]]", None, None, "A>B"),
    ("**[[A>B]]**", "A>B", "A>B", "A>B"),
    ("[A=B]", None, "A=B", "A=B"),
    ("[[a>b]]", None, "A>B", None),
    ("[[A>B]", None, "A>B", None),
    ("no verdict", None, None, None),
]


@pytest.mark.parametrize(("text", "v0_1", "v2_0", "ours"), DIFFERENCES)
def test_the_published_conventions(text: str, v0_1: str | None, v2_0: str | None, ours: str | None) -> None:
    read = {name: convention(text) for name, convention in CONVENTIONS.items()}
    assert read == {"snakeval": ours, "arena_hard_v0_1": v0_1, "arena_hard_v2_0": v2_0}


def test_published_labels_in_our_spelling() -> None:
    assert [normalized(label) for label in ("A<B", "B<<A", "B=A", "A>>A", "", None)] == [
        *("B>A", "A>>B", "A=B"),
        *(None, None, None),
    ]
