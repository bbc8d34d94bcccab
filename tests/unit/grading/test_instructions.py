"""Each of IFBench's 58 instructions: texts that follow it and texts that do not.

Wordings are those of the prompts of allenai/IFBench at db69a6f0; the texts are ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("emoji")
pytest.importorskip("syllapy")

from snakeval.grading.graders import Answer, ifbench
from snakeval.grading.graders.following import InstructionError
from snakeval.grading.instructions.checkers import CHECKERS
from snakeval.system import punkt
from unit.grading.instructions import counts, layout, tasks, words

CASES = [*counts.CASES, *words.CASES, *layout.CASES, *tasks.CASES]


@pytest.fixture(scope="module", autouse=True)
def tagger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A tagger that knows five words, in the form of NLTK's own, before any other there may be."""
    import nltk

    top = tmp_path_factory.mktemp("nltk_data")
    folder = top / punkt.TAGGER
    folder.mkdir(parents=True)
    tags = {"Run": "VB", "go": "VBP", "run": "VB", "The": "DT", "cat": "NN", ".": ".", "home": "NN"}
    for name, content in {"weights": {}, "tagdict": tags, "classes": sorted({*tags.values()})}.items():
        (folder / f"{folder.name}.{name}.json").write_text(json.dumps(content))
    patch = pytest.MonkeyPatch()
    folders = [top, *punkt._folders()]
    patch.setattr(nltk.data, "path", [str(top), *nltk.data.path])
    patch.setattr(punkt, "_folders", lambda: folders)
    nltk.tag._get_tagger.cache_clear()
    yield
    patch.undo()
    nltk.tag._get_tagger.cache_clear()


def answer(text: str, name: str, given: dict[str, object]) -> Answer:
    return Answer("p", "", text, json.dumps({"instruction_id_list": [name], "kwargs": [given]}))


def test_the_cases_are_all_58_kinds() -> None:
    assert {name for name, *_ in CASES} == set(CHECKERS)
    assert len(CHECKERS) == 58


@pytest.mark.parametrize(("name", "given", "follow", "do_not"), CASES)
def test_instruction(name: str, given: dict[str, object], follow: list[str], do_not: list[str]) -> None:
    checker = CHECKERS[name]
    assert [text for text in follow if not checker.follows(text, given)] == []
    assert [text for text in do_not if checker.follows(text, given)] == []
    assert set(checker.needs) == set(given)


def test_numbers_may_be_floats_as_in_the_published_file() -> None:
    asked = [answer("猫", "count:words_japanese", {"N": 1.0, "keyword": None})]
    assert [outcome.verdict for outcome in ifbench.outcomes(asked)] == ["correct"]


def test_loose_reading() -> None:
    asked = answer("Here it is:\nall-in-one", "format:no_whitespace", {})
    verdicts = [next(ifbench.outcomes([asked], loose=loose)).verdict for loose in (False, True)]
    assert verdicts == ["incorrect", "correct"]


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("count:letters", {}, "problem 'p': there is no instruction 'count:letters'"),
        ("keywords:existence", {"keywords": ["a"]}, "there is no instruction"),
        ("count:numbers", {"N": None}, "problem 'p': 'count:numbers' needs 'N' in 'kwargs'"),
        ("repeat:repeat_span", {"prompt_to_repeat": "Write.", "n_start": 0}, "needs 'n_end'"),
    ],
)
def test_faulty_instructions(name: str, given: dict[str, object], message: str) -> None:
    with pytest.raises(InstructionError, match=message):
        list(ifbench.outcomes([answer("text", name, given)]))


def test_missing_data_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(punkt, "_folders", lambda: [tmp_path])
    with pytest.raises(punkt.PunktMissing, match="punkt_tab averaged_perceptron_tagger_eng"):
        ifbench.outcomes([])
