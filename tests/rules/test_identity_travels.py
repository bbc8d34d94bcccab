"""Results go where Snakemake's records do not: what is stale is the same there, and nothing more is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from project import Project, new_project
from rules.endpoint import finish
from rules.test_staleness import CHANGES, LATE

DRY_RUNS = Path(__file__).with_name("dry_runs.py")
CONFIG = "config/config.yaml"
SOME_TIME = 1_800_000_000
Edit = Callable[[Project], None]


def replacing(path: str, old: str, new: str) -> Edit:
    return lambda project: project.edit(path, old, new)


def another_name(project: Project) -> None:
    """A template under another name is the same template."""
    prompts = project.folder / "config/prompts"
    shutil.move(prompts / "demo_solve.jinja", prompts / "s.jinja")
    for name in ("demo-arithmetic", "demo-questions"):
        project.edit(f"config/benchmarks/{name}.yaml", "demo_solve.jinja", "s.jinja")


# Beside the table of changes: whether anything is made anew.
FURTHER: dict[str, tuple[Edit, bool]] = {
    "the prompt": (replacing("config/prompts/demo_solve.jinja", "{{ problem }}", "{{ problem }} "), True),
    "a judge's sampling": (replacing("config/judges/demo-pair.yaml", "160", "161"), True),
    "a judge's prompt": (replacing("config/prompts/demo_pair.jinja", "{{", " {{"), True),
    "the seed of all samples": (replacing(CONFIG, "seed: 0", "seed: 9"), True),
    "a threshold": (replacing(CONFIG, "truncated: null", "truncated: 0.5"), True),
    "an arena's weight": (replacing("config/arenas/demo.yaml", "weight: 3", "weight: 2"), True),
    "max_tokens": (replacing("config/benchmarks/demo-arithmetic.yaml", "160", "161"), True),
    "a URL": (
        replacing(LATE, "base_urls: [http://127", "base_urls: [http://localhost:1/v1, http://127"),
        True,
    ),
    "extra_body": (replacing(LATE, "engine:", "extra_body: {top_k: 5}\nengine:"), True),
    "a model less": (replacing(CONFIG, "models: [demo-early, demo-late]", "models: [demo-late]"), True),
    "an arena less": (replacing(CONFIG, "arenas: [demo]", "arenas: []"), True),
    "a comment": (replacing(CONFIG, "seed: 0", "seed: 0  # the same"), False),
    "a template's name": (another_name, False),
}
EDITS = {name: edit for name, (edit, _) in (CHANGES | FURTHER).items()}
ANEW = {name: bool(expected) for name, (_, expected) in (CHANGES | FURTHER).items()}


def records(finished: Project, folder: Path) -> Project:
    """Snakemake's own records are there."""
    return finished.copy(folder)


def moved(finished: Project, folder: Path) -> Project:
    project = finished.copy(folder)
    shutil.rmtree(project.folder / ".snakemake")
    return project


def clone(finished: Project, folder: Path) -> Project:
    """A checkout's files are newer than the results that were copied there, which cannot be written to."""
    project = moved(finished, folder)
    for path in folder.rglob("*"):
        if "results" not in path.relative_to(folder).parts:
            os.utime(path)
    for path in (folder / "results", *(folder / "results").rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    return project


def copied_over(finished: Project, folder: Path) -> Project:
    """The results were copied over others, whose records stay; without their times, inputs last."""
    project = finished.copy(folder)
    for path in (folder / ".snakemake/metadata").iterdir():
        record = json.loads(path.read_text())
        path.write_text(json.dumps({**record, "params": ["'{}'"], "input_checksums": {}}))
    results = [path for path in (folder / "results").rglob("*") if path.is_file()]
    order = ("summary", "metrics", "grades", "generations", "problems")
    results.sort(key=lambda path: [path.is_relative_to(folder / "results" / name) for name in order])
    for number, path in enumerate(results):
        os.utime(path, (SOME_TIME + number, SOME_TIME + number))
    return project


PLACES = (records, clone, copied_over)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A finished run; the project's files are older than its results."""
    return finish(new_project(tmp_path_factory.mktemp("finished") / "project"))


def dry_run(*projects: Project) -> list[dict[str, list[str]]]:
    """What each would run."""
    folders = [str(project.folder) for project in projects]
    environment = projects[0].environment()
    environment.pop("PYTHONPATH")  # each has its own library
    subprocess.run([sys.executable, str(DRY_RUNS), *folders], env=environment, check=True)
    return [json.loads((project.folder / "stale.json").read_text()) for project in projects]


@pytest.mark.parametrize("change", EDITS)
def test_what_is_stale_is_the_same_everywhere(change: str, finished: Project, tmp_path: Path) -> None:
    projects = [place(finished, tmp_path / place.__name__) for place in PLACES]
    for project in projects:
        EDITS[change](project)
    known, *elsewhere = dry_run(*projects)
    assert bool(known) == ANEW[change]
    for place, found in zip(PLACES[1:], elsewhere, strict=True):
        assert found == known, place.__name__
