"""Instructions of IFEval: one text that follows and one that does not, for each of the 25 kinds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from snakeval.grading.graders import Answer
from snakeval.grading.graders.following import InstructionError, variants
from snakeval.grading.graders.ifeval import outcomes
from snakeval.system import punkt

JSON_TEXT = '```json\n{"a": 1}\n```'
CASES: list[tuple[str, dict[str, object], str, str]] = [
    ("keywords:existence", {"keywords": ["tin", "roof"]}, "A tin roof.", "A roof."),
    ("keywords:frequency", {"keyword": "tin", "frequency": 2, "relation": "at least"}, "tin tin", "tin"),
    ("keywords:forbidden_words", {"forbidden_words": ["tin"]}, "A roof.", "A tin roof."),
    (
        "keywords:letter_frequency",
        {"letter": "q", "let_frequency": 2, "let_relation": "at least"},
        "Q and q",
        "one q",
    ),
    (
        "keywords:letter_frequency",
        {"letter": "#", "let_frequency": 2, "let_relation": "at least"},
        "#a #b",
        "a b #c",
    ),
    (
        "keywords:letter_frequency",
        {"letter": "!", "let_frequency": 2, "let_relation": "less than"},
        "One!",
        "Two!!",
    ),
    (
        "language:response_language",
        {"language": "de"},
        "Der Hund läuft durch den Wald nach Hause.",
        "The dog runs through the wood to its home.",
    ),
    (
        "length_constraints:number_sentences",
        {"num_sentences": 2, "relation": "less than"},
        "One.",
        "A b. C d.",
    ),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 2}, "One.\n***\nTwo.", "One."),
    ("length_constraints:number_words", {"num_words": 3, "relation": "at least"}, "one two three", "one"),
    (
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "two"},
        "One is.\n\nTwo is.",
        "One is.\n\nThree is.",
    ),
    ("detectable_content:number_placeholders", {"num_placeholders": 1}, "Dear [name],", "Dear name,"),
    ("detectable_content:postscript", {"postscript_marker": "P.S."}, "Bye.\nP.S. Yes.", "Bye."),
    ("detectable_format:number_bullet_lists", {"num_bullets": 2}, "* a\n* b", "* a"),
    ("detectable_format:constrained_response", {}, "My answer is yes.", "Yes."),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 1}, "*here* it is", "here it is"),
    (
        "detectable_format:multiple_sections",
        {"section_spliter": "Section", "num_sections": 2},
        "Section 1\na\nSection 2\nb",
        "Section 1\na",
    ),
    ("detectable_format:json_format", {}, JSON_TEXT, "a: 1"),
    ("detectable_format:title", {}, "<<Title>>\ntext", "Title\ntext"),
    ("combination:two_responses", {}, "one\n******\ntwo", "one"),
    ("combination:repeat_prompt", {"prompt_to_repeat": "Say it."}, "Say it. It.", "It."),
    ("startend:end_checker", {"end_phrase": "the end"}, "It is the end", "The end is near."),
    (
        "change_case:capital_word_frequency",
        {"capital_frequency": 2, "capital_relation": "at least"},
        "A BC DE.",
        "a",
    ),
    (
        "change_case:english_capital",
        {},
        "THE DOG RUNS HOME FROM THE WOOD.",
        "The dog runs home from the wood.",
    ),
    (
        "change_case:english_lowercase",
        {},
        "the dog runs home from the wood.",
        "The dog runs home from the wood.",
    ),
    ("punctuation:no_comma", {}, "a and b", "a, b"),
    ("startend:quotation", {}, '"all of it"', "all of it"),
]


def answer(text: str, *instructions: tuple[str, dict[str, object]]) -> Answer:
    names, arguments = zip(*instructions, strict=True)
    metadata = {"instruction_id_list": names, "kwargs": arguments, "problem": "Say it."}
    return Answer("p", "", text, json.dumps(metadata))


def test_the_cases_are_all_25_kinds() -> None:
    assert len({name for name, *_ in CASES}) == 25


@pytest.mark.parametrize(("name", "arguments", "follows", "does_not"), CASES)
def test_instruction(name: str, arguments: dict[str, object], follows: str, does_not: str) -> None:
    asked = [answer(text, (name, arguments)) for text in (follows, does_not)]
    assert [outcome.parts for outcome in outcomes(asked)] == [(1.0,), (0.0,)]
    # A key that the data leave empty, as columnar files do, changes nothing.
    padded = [answer(text, (name, {**arguments, "unused": None})) for text in (follows, does_not)]
    assert [outcome.verdict for outcome in outcomes(padded)] == ["correct", "incorrect"]


def test_a_prompt_is_followed_only_with_all_its_instructions() -> None:
    asked = answer("a, b", ("punctuation:no_comma", {}), ("startend:end_checker", {"end_phrase": "b"}))
    (outcome,) = outcomes([asked])
    assert (outcome.verdict, outcome.parts) == ("incorrect", (0.0, 1.0))


def test_loose_readings() -> None:
    assert set(variants("*1*\n2\n3")) == {"*1*\n2\n3", "2\n3", "*1*\n2", "2", "1\n2\n3", "1\n2"}
    asked = answer("Sure, here:\nno commas", ("punctuation:no_comma", {}))
    assert [next(outcomes([asked], loose=loose)).verdict for loose in (False, True)] == [
        "incorrect",
        "correct",
    ]


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ("{}", "problem 'p': the columns 'instruction_id_list' and 'kwargs'"),
        ('{"instruction_id_list": ["x:y"], "kwargs": [{}]}', "there is no instruction 'x:y'"),
    ],
)
def test_faulty_instructions(metadata: str, message: str) -> None:
    with pytest.raises(InstructionError, match=message):
        list(outcomes([Answer("p", "", "text", metadata)]))


def test_missing_punkt_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(punkt, "_folders", lambda: [tmp_path])
    with pytest.raises(punkt.PunktMissing, match=r"nltk\.downloader punkt_tab"):
        punkt.require("ifeval")
    (tmp_path / punkt.PUNKT).mkdir(parents=True)
    punkt.require("ifeval")
    assert punkt.missing_data("ifbench") == [punkt.TAGGER.name]


def test_a_missing_package_names_the_optional_dependencies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(punkt.MODULES, "ifeval", ("there_is_no_such_module",))
    assert "'.[ifeval]'" in (punkt.missing_for("ifeval") or "")
    assert punkt.missing_for("math") is None
