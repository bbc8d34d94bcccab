"""`snakemake compare`, `snakemake gate` and the rules about judges, on grades and judgments made by hand."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from project import Project, new_project
from snakeval.system.tables import write_rows
from snakeval.types import Generation, Grade

MODELS = {"demo-early": 2, "demo-late": 6}
ALONE = ("--rerun-triggers", "mtime", "--allowed-rules")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = new_project(tmp_path / "project")
    for model, right in MODELS.items():
        for grader in ("math", "demo-answer"):
            path = made.folder / f"results/grades/demo-arithmetic/{model}/{grader}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            rows = [
                Grade(f"p{p:02}", i, "d", float(i < right), None, "correct")
                for p in range(30)
                for i in range(8)
            ]
            # Not every problem alike, or there would be no variance.
            rows[0] = Grade("p00", 0, "d", 0.0, None, "incorrect")
            write_rows(path, Grade, rows)
    return made


def gate(project: Project, child: str, parent: str, **settings: float) -> tuple[int, str]:
    chosen = json.dumps({"parents": {child: parent}, **settings})
    done = project.run("gate", *ALONE, "gate", "--config", f"gate={chosen}", check=False)
    return done.returncode, done.stdout


def test_compare_writes_one_row_a_k_grader_and_pair(project: Project) -> None:
    project.run("compare", *ALONE, "compare")
    with (project.folder / "results/comparisons.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 4
    first = rows[0]
    assert (first["model"], first["other"], first["metric"]) == ("demo-late", "demo-early", "pass@1")
    assert float(first["difference"]) == pytest.approx(0.5, abs=0.01)
    assert float(first["p_holm"]) < 1e-6
    assert json.loads((project.folder / "results/comparisons.json").read_text())[0]["problems"] == 30
    assert "pass@8" in (project.folder / "results/comparisons.md").read_text()


def test_the_gate_fails_a_ci_job_and_says_why(project: Project) -> None:
    code, printed = gate(project, "demo-early", "demo-late")
    assert code != 0
    assert "GateError: 2 of 2 checks failed" in printed
    assert "WORSE" in printed
    assert not (project.folder / "results/gate.md").exists()
    assert gate(project, "demo-early", "demo-late", margin=0.6)[0] == 0
    code, printed = gate(project, "demo-late", "demo-early")
    assert code == 0
    assert "| ok" in (project.folder / "results/gate.md").read_text()


def test_a_gate_without_parents_is_an_error(project: Project) -> None:
    done = project.run("gate", *ALONE, "gate", check=False)
    assert done.returncode != 0
    assert "no model has a parent" in done.stdout


def test_two_judges_and_people(project: Project) -> None:
    folder = project.folder
    (folder / "config/judges/second.yaml").write_text((folder / "config/judges/demo-pair.yaml").read_text())
    people = {"question": "q0", "model": "demo-late", "baseline": "demo-early", "label": "B>A"}
    (folder / "people.jsonl").write_text(json.dumps(people) + "\n")
    project.edit("config/arenas/demo.yaml", "[demo-pair]", "[demo-pair, second]\nhuman: people.jsonl")
    for judge, label in (("demo-pair", "B>A"), ("second", "A=B")):
        path = folder / f"results/arena/demo/{judge}/judgments/demo-late.jsonl"
        path.parent.mkdir(parents=True)
        games = [{"score": label, "judgment": "t", "swapped": False}]
        games.append({"score": "A>B", "judgment": "t", "swapped": True})
        row = {"model": "demo-late", "baseline": "demo-early", "games": games, "tokens": 9}
        path.write_text("".join(json.dumps({**row, "question_id": f"q{i}"}) + "\n" for i in range(5)))
    for model in MODELS:
        rows = [
            Generation(f"q{i}", 0, "d", (), 0, "text" * (i + 1), None, "stop", 9, 4 + i, 0.1)
            for i in range(5)
        ]
        path = folder / f"results/generations/demo-questions/{model}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_rows(path, Generation, rows)
    board = "results/arena/demo/demo-pair/leaderboard.json"
    project.run("results/arena/demo/agreement.json", board, *ALONE, "agree", "leaderboard", "infer_config")
    (pair,) = json.loads((folder / "results/arena/demo/agreement.json").read_text())
    assert (pair["judges"], pair["games"], pair["same_preference"]) == (["demo-pair", "second"], 10, 0.5)
    found = json.loads((folder / board).read_text())
    assert found["instrument"]["human"]["agreement"] == 1
    assert found["standings"][0]["score"] == 100
