"""Data sets on the hub are pinned by whole commits; the message has the commit to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from snakeval.config import ConfigError
from unit.config.example_project import load, write_project

COMMIT = "0123456789abcdef0123456789abcdef01234567"
BENCHMARK = """\
source: {{dataset: {dataset}, revision: {revision}, split: test}}
prompt: config/prompts/open.jinja
"""
FILE = "config/benchmarks/pinned.yaml"


@pytest.fixture(autouse=True)
def hub(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Knows one data set; the list is of what was asked."""
    asked: list[tuple[str, str]] = []

    def dataset_info(self: object, dataset: str, *, revision: str | None, timeout: float) -> object:
        asked.append((dataset, revision or ""))
        if dataset != "org/known":
            raise OSError("no network")
        return type("Info", (), {"sha": COMMIT})

    monkeypatch.setattr("huggingface_hub.HfApi.dataset_info", dataset_info)
    return asked


# (revision, data set, words of the message)
UNPINNED = [
    ("main", "org/known", ["'main' of the data set 'org/known'", f"write {COMMIT}"]),
    ("v1.0", "org/known", [f"write {COMMIT}"]),
    ("refs/convert/parquet", "org/known", [f"write {COMMIT}"]),
    ("'0123456'", "org/known", [f"write {COMMIT}"]),
    (COMMIT.upper(), "org/known", [f"write {COMMIT}"]),
    (COMMIT + "0", "org/known", ["40 digits"]),
    ("main", "org/other", ["git ls-remote https://huggingface.co/datasets/org/other main"]),
    ("2024-08-01", "org/other", ["git ls-remote", "2024-08-01"]),
]


@pytest.mark.parametrize(("revision", "dataset", "words"), UNPINNED)
def test_a_revision_that_moves(revision: str, dataset: str, words: list[str], tmp_path: Path) -> None:
    root = write_project(tmp_path, {FILE: BENCHMARK.format(dataset=dataset, revision=revision)})
    with pytest.raises(ConfigError) as raised:
        load(root, benchmarks=["pinned"], arenas=[])
    (problem,) = raised.value.problems
    assert (problem.file, problem.key) == (FILE, "source.revision")
    assert [word for word in words if word not in problem.message] == []


def test_a_commit_is_taken_and_nobody_is_asked(tmp_path: Path, hub: list[tuple[str, str]]) -> None:
    root = write_project(tmp_path, {FILE: BENCHMARK.format(dataset="org/known", revision=COMMIT)})
    assert load(root, benchmarks=["pinned"], arenas=[]).benchmarks["pinned"].source.revision == COMMIT
    assert hub == []


def test_jobs_of_a_workflow_that_has_looked_do_not_look(tmp_path: Path, hub: list[tuple[str, str]]) -> None:
    root = write_project(tmp_path, {FILE: BENCHMARK.format(dataset="org/known", revision="main")})
    assert load(root, check_data=False, benchmarks=["pinned"], arenas=[]).benchmarks
    assert hub == []


def test_examples_tests_and_recorded_answers(tmp_path: Path, hub: list[tuple[str, str]]) -> None:
    moving = "{dataset: org/known, revision: main, split: test}"
    files = {
        "config/benchmarks/shots.yaml": (
            "source: {file: data/open.csv}\nfields: {reference: null}\nprompt: config/prompts/open.jinja\n"
            f"few_shot: {{source: {moving}, n: 2}}\n"
            "graders: [{type: code, code: {format: stdio, tests: org/known}}]\n"
        ),
        "config/models/told.yaml": f"model: told\nengine: recorded\nanswers: {{shots: {moving}}}\n",
    }
    with pytest.raises(ConfigError) as raised:
        load(write_project(tmp_path, files), models=["told"], benchmarks=["shots"], arenas=[])
    found = [(problem.file, problem.key) for problem in raised.value.problems]
    assert found == [
        ("config/benchmarks/shots.yaml", "few_shot.source.revision"),
        ("config/benchmarks/shots.yaml", "graders[0].code.tests"),
        ("config/models/told.yaml", "answers.shots.revision"),
    ]
    assert hub == [("org/known", "main"), ("org/known", "")]
    (tmp_path / "org/known").mkdir(parents=True)
    with pytest.raises(ConfigError) as raised:
        load(tmp_path, models=["told"], benchmarks=["shots"], arenas=[])
    assert len(raised.value.problems) == 2, "a folder of tests is no data set"
