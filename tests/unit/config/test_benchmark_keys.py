"""Suites, worked examples, corrections and graders' extraction: what is right, and each mistake."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from snakeval.config.jsonschema import CONFIG
from snakeval.dag import digests, identity
from unit.config.example_project import FILES, Mistake, check_mistake, edit, load, write_project

SETTINGS, SUMS = "config/config.yaml", "config/benchmarks/sums.yaml"
SHOTS = "few_shot: {source: {file: data/sums.jsonl}, n: 2}\n"
LABEL = "prompt: config/prompts/solve.jinja"

MISTAKES: dict[str, Mistake] = {
    "suite of an unknown benchmark": (
        SETTINGS,
        "seed: 7",
        "suites: {all: [sums, opn]}",
        SETTINGS,
        "suites.all[1]",
        ["no config/benchmarks/opn.yaml", "did you mean 'open'"],
    ),
    "suite named as a benchmark": (
        SETTINGS,
        "seed: 7",
        "suites: {open: [sums]}",
        SETTINGS,
        "suites.open",
        ["name of a benchmark as well"],
    ),
    "examples that are not there": (
        SUMS,
        LABEL,
        LABEL + "\nfew_shot: {source: {file: data/none.json}, n: 2}",
        SUMS,
        "few_shot.source.file",
        ["no file 'data/none.json'"],
    ),
    "turns of a completion": (
        SUMS,
        LABEL,
        f"{LABEL}\nendpoint: completions\n{SHOTS}",
        SUMS,
        "",
        ["few_shot.form 'text'"],
    ),
    "a completion's system message": (
        SUMS,
        LABEL,
        f"{LABEL}\nendpoint: completions\nsystem: config/prompts/open.jinja",
        SUMS,
        "",
        ["no system message"],
    ),
    "unknown corrections": (
        SUMS,
        LABEL,
        f"{LABEL}\ncorrections: mend",
        SUMS,
        "corrections",
        ["no config/corrections/mend.yaml", "did you mean 'mends'"],
    ),
    "a correction without its reason": (
        "config/corrections/mends.yaml",
        ", reason: a slip",
        "",
        "config/corrections/mends.yaml",
        "corrections[0].reason",
        ["missing"],
    ),
    "extraction of another grader": (
        SUMS,
        "- type: math",
        "- {type: exact, extraction: strict}",
        SUMS,
        "graders[0]",
        ["goes with 'type: math'"],
    ),
    "forms of a flexible extraction": (
        SUMS,
        "- type: math",
        "- {type: math, asked: [hashes]}",
        SUMS,
        "graders[0]",
        ["'extraction: strict'"],
    ),
    "a convention of numbers for words": (
        SUMS,
        "- type: math",
        "- {type: exact, numbers: minerva}",
        SUMS,
        "graders[0]",
        ["'numbers' says how numbers are compared", "'type: math'"],
    ),
    "an expression that is none": (
        SUMS,
        "{file: data/sums.jsonl}",
        "{file: data/sums.jsonl, where: {level: '('}}",
        SUMS,
        "source.where.level",
        ["not a regular expression"],
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake(name: str, tmp_path: Path) -> None:
    root = write_project(tmp_path)
    if name == "a correction without its reason":
        edit(root, SUMS, LABEL, f"{LABEL}\ncorrections: mends")
    check_mistake(root, MISTAKES[name])


def test_a_suite_stands_for_its_benchmarks_each_once(tmp_path: Path) -> None:
    root = write_project(tmp_path)
    edit(root, SETTINGS, "seed: 7", "suites: {all: [open, sums]}")
    assert load(root, benchmarks="all").settings.benchmarks == ("open", "sums")
    assert load(root, benchmarks="sums,all").settings.benchmarks == ("sums", "open")
    assert list(load(root, benchmarks="all", arenas="").benchmarks) == ["open", "sums"]


def test_corrections_are_those_of_the_benchmark_that_names_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write_project(tmp_path)
    monkeypatch.chdir(root)
    assert load(root).corrections == {}
    before = identity.prepare(load(root).benchmarks["sums"])
    edit(root, SUMS, LABEL, f"{LABEL}\ncorrections: mends")
    config = load(root)
    assert [entry.problem_id for entry in config.corrections["sums"]] == ["s1"]
    assert identity.prepare(config.benchmarks["sums"]) != before


def test_examples_make_problems_stale_by_their_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write_project(tmp_path)
    monkeypatch.chdir(root)
    (root / "data/shots.jsonl").write_text(FILES["data/sums.jsonl"])
    edit(root, SUMS, LABEL, f"{LABEL}\n{SHOTS.replace('sums', 'shots')}")
    before = identity.prepare(load(root).benchmarks["sums"])
    digests.content.cache_clear()
    (root / "data/shots.jsonl").write_text(FILES["data/sums.jsonl"] + "\n")
    assert identity.prepare(load(root).benchmarks["sums"]) != before


@pytest.mark.parametrize("file", sorted((CONFIG / "benchmarks").glob("*.yaml")), ids=lambda path: path.stem)
def test_sources_that_ship_are_pinned(file: Path) -> None:
    source = yaml.safe_load(file.read_text(encoding="utf-8"))["source"]
    if "file" in source:
        assert (CONFIG.parent / source["file"]).is_file()
        return
    assert {"rows", "licence"} <= source.keys()
    assert "sha256" in source or len(source["revision"]) == 40
    assert file.read_text(encoding="utf-8").splitlines()[1].startswith("# ")


POINTS: dict[str, Mistake] = {
    "points and verdicts": (
        "config/judges/answers.yaml",
        "model: referee",
        "model: referee\npoints: {pattern: '(P)'}",
        "config/judges/answers.yaml",
        "points",
        ["leave out 'verdicts' or 'points'"],
    ),
    "a pattern without a group": (
        "config/judges/answers.yaml",
        "verdicts: {correct: 'RIGHT', incorrect: 'WRONG'}",
        "points: {pattern: 'P'}",
        "config/judges/answers.yaml",
        "points",
        ["one group"],
    ),
    "neither points nor verdicts": (
        "config/judges/answers.yaml",
        "verdicts: {correct: 'RIGHT', incorrect: 'WRONG'}",
        "",
        "config/judges/answers.yaml",
        "verdicts",
        ["'points'"],
    ),
    "points of another grader": (
        SUMS,
        "- type: math",
        "- {type: math, points: {pattern: '(P)'}}",
        SUMS,
        "graders[0]",
        ["'type: points'"],
    ),
    "no column of guidelines": (
        SUMS,
        "reference: answer",
        "reference: answer, guidelines: hints",
        SUMS,
        "fields.guidelines",
        ["no column 'hints'"],
    ),
    "guidelines that the data lack": (
        "config/prompts/judge.jinja",
        "{{ problem }}",
        "{{ guidelines }}",
        "config/judges/answers.yaml",
        "prompt",
        ["fields.guidelines of benchmark 'sums' is null"],
    ),
}


@pytest.mark.parametrize("name", POINTS)
def test_mistake_of_points(name: str, tmp_path: Path) -> None:
    check_mistake(write_project(tmp_path), POINTS[name])


def test_a_column_with_spaces_has_a_name_in_templates(tmp_path: Path) -> None:
    root = write_project(tmp_path, {"data/open.csv": "id,problem,Grading guidelines\na,Why?,x\n"})
    edit(root, "config/prompts/open.jinja", "{{ problem }}", "{{ problem }} {{ grading_guidelines }}")
    assert "open" in load(root).benchmarks
