"""Files of people's verdicts are read before any job runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from unit.config.example_project import Mistake, check_mistake, edit, load, write_project

ARENA, JUDGE = "config/arenas/duel.yaml", "config/judges/answers.yaml"
PAIR = '{"question": "a", "model": "m", "baseline": "b", "label": "A>B"}\n'
MISTAKES: dict[str, Mistake] = {
    "no file": (
        ARENA,
        "questions:",
        "human: data/x.jsonl\nquestions:",
        ARENA,
        "human",
        ["no file 'data/x.jsonl'"],
    ),
    "points for an arena": (
        ARENA,
        "questions:",
        "human: data/points.jsonl\nquestions:",
        ARENA,
        "human",
        ["data/points.jsonl, line 1", "question"],
    ),
    "pairs for a judge": (
        JUDGE,
        "model:",
        "human: data/pairs.jsonl\nmodel:",
        JUDGE,
        "human",
        ["data/pairs.jsonl, line 1", "points"],
    ),
}
FILES = {
    "data/pairs.jsonl": PAIR,
    "data/points.jsonl": '{"problem_id": "s0", "model": "m", "points": 1}\n',
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes(mistake: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_project(tmp_path, FILES)
    monkeypatch.chdir(root)
    check_mistake(root, MISTAKES[mistake])


def test_right_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_project(tmp_path, FILES)
    monkeypatch.chdir(root)
    edit(root, ARENA, "questions:", "human: data/pairs.jsonl\nquestions:")
    edit(root, JUDGE, "model:", "human: data/points.jsonl\nmodel:")
    config = load(root)
    assert config.arenas["duel"].human == "data/pairs.jsonl"
    assert config.judges["answers"].human == "data/points.jsonl"
