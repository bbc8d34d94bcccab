"""Verdicts of a finished file whose journal was not copied: which count, and which are asked for again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from snakeval.arena.adopt import finished_verdicts
from snakeval.dag import identity
from snakeval.dag.finished import JUDGED
from snakeval.judging.bench import Question, chat_of
from snakeval.judging.verdicts import extract_label
from snakeval.system import origin
from snakeval.types import Json
from unit.asking.fake_server import FakeServer, completion
from unit.judging.hosted_judge import JOURNAL, SERVING, bench, project, questions

A, B = "A>B", "B>A"


def game(question: Question, **changed: Any) -> Json:
    found = {"score": A, "judgment": f"So [[{A}]]", "swapped": False, "error": None}
    return {**found, "prompt": list(question.messages), **changed}


# A change of the game -> whether its verdict counts.
GAMES: dict[str, tuple[dict[str, Any], bool]] = {
    "as it was": ({}, True),
    "an error": ({"score": None, "judgment": None, "error": "permanent: HTTP 400"}, False),
    "no verdict": ({"score": None, "judgment": "who knows"}, False),
    "another wording": ({"prompt": [{"role": "user", "content": "another"}]}, False),
    "a system message more": (
        {"prompt": [{"role": "system", "content": "Judge."}, *questions(1)[0].messages]},
        False,
    ),
    "no prompt, as older files": ({"prompt": None}, False),
    "no text": ({"judgment": None}, False),
    "a label that its text has not": ({"score": B}, False),
    "a label that nobody knows": ({"score": "C"}, False),
    "a text in which nothing can be read": ({"judgment": "It was in the reasoning."}, False),
}
# What is said of the file -> whether its games count at all.
SAID: dict[str, tuple[Callable[[Json, Json], Any], bool]] = {
    "the same": (lambda spec, inputs: None, True),
    "another run's retries": (lambda spec, inputs: spec.update(retries=3), True),
    "another retest": (lambda spec, inputs: spec.update(retest=9), True),
    "another prompt of the judge": (lambda spec, inputs: spec["judge"].update(prompt="sha256:0"), False),
    "another temperature": (lambda spec, inputs: spec["judge"]["sampling"].update(temperature=0.7), False),
    "another model": (lambda spec, inputs: spec["judge"]["model"].update(model="gpt-8"), False),
    "another seed": (lambda spec, inputs: spec["judge"].update(seed=9), False),
    "another version of the stage": (lambda spec, inputs: spec.update(version=0), False),
    "no judge": (lambda spec, inputs: spec.pop("judge"), False),
    "served otherwise": (lambda spec, inputs: inputs.update({str(SERVING): "sha256:0"}), False),
    "served nobody knows how": (lambda spec, inputs: inputs.clear(), False),
}


def finished(config: Any, games: list[Json], change: Callable[[Json, Json], Any] | None) -> Path:
    """A finished file in the journal's folder; `change` None leaves out what is said of it."""
    JOURNAL.mkdir(parents=True, exist_ok=True)
    path = JOURNAL / JUDGED
    path.write_text("".join(json.dumps({"games": [each]}) + "\n" for each in games))
    spec = {"version": identity.VERSIONS["arena_judge"], "judge": identity.judge(config, "pairs")}
    spec = json.loads(identity.dumps({**spec, "retries": 0, "retest": 0}))
    inputs = {str(SERVING): origin.digest(str(SERVING))}
    if change is not None:
        change(spec, inputs)
        origin._said[path] = lambda: origin.Origin(identity.dumps(spec), inputs)
        origin.keep(path, path)
        del origin._said[path]
    return path


async def other(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
    return completion(f"[[{B}]]")


@pytest.mark.parametrize("case", GAMES)
def test_a_game_counts_as_it_was_played(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changes, counts = GAMES[case]
    with FakeServer(other).running() as server:
        config = project(tmp_path, server.base_url, monkeypatch, "max_attempts: 1\n")
        one, two = questions(2)
        path = finished(config, [game(one, **changes)], lambda spec, inputs: None)
        judge = bench(config)
        judge.take([one, two], finished_verdicts(config, "pairs", JOURNAL, SERVING), extract_label)
        assert not path.exists()
        assert not origin.beside(path).exists()
        answers = judge.ask([one, two], extract_label)
        assert answers[one].label == (A if counts else B)
        assert answers[two].label == B
        assert len(server.bodies) == (1 if counts else 2)
        assert bench(config).ask([one, two], extract_label) == answers
        assert len(server.bodies) == (1 if counts else 2)


@pytest.mark.parametrize("case", SAID)
def test_a_file_counts_where_the_same_judge_gave_its_verdicts(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change, counts = SAID[case]
    config = project(tmp_path, "http://127.0.0.1:9", monkeypatch, "")
    (one,) = questions(1)
    finished(config, [game(one)], change)
    found = finished_verdicts(config, "pairs", JOURNAL, SERVING)
    assert found == ({chat_of(one.messages): (A, f"So [[{A}]]")} if counts else {})
    assert finished_verdicts(config, "pairs", JOURNAL, SERVING) == {}


@pytest.mark.parametrize("content", ["", "{", "[]\n", '{"games": 1}\n', '{"games": [{}]}\n', "null\n"])
def test_what_is_no_file_of_judgments_counts_for_nothing(
    content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = project(tmp_path, "http://127.0.0.1:9", monkeypatch, "")
    path = finished(config, [], None)
    path.write_text(content)
    assert finished_verdicts(config, "pairs", JOURNAL, SERVING) == {}
    path = finished(config, [game(questions(1)[0])], lambda spec, inputs: None)
    with path.open("a") as file:  # changed since it was written
        file.write(content or "\n")
    assert finished_verdicts(config, "pairs", JOURNAL, SERVING) == {}
