"""What the targets of the Makefile would run, and what `make clean` leaves."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
MAKEFILE = (ROOT / "Makefile").read_text()


def make(folder: Path, *arguments: str) -> str:
    argv = ["make", "--no-print-directory", *arguments]
    # These tests may themselves run under `make test ARGS=...`, which hands its variables down.
    handed_down = {
        "MAKEFLAGS",
        "MFLAGS",
        "MAKEOVERRIDES",
        "MAKELEVEL",
        "ARGS",
        "PATHS",
        "PYTHON",
        "INTERVAL",
        "PROFILE",
        "WORKERS",
    }
    env = {key: value for key, value in os.environ.items() if key not in handed_down}
    return subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, check=True).stdout


def test_make_alone_lists_every_target() -> None:
    listed = re.findall(r"^make ([\w-]+)\t\S", make(ROOT), re.MULTILINE)
    targets = re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE)
    assert listed == targets
    phony = re.search(r"^TARGETS := (.+)$", MAKEFILE, re.MULTILINE)
    assert phony is not None
    assert sorted(phony[1].split()) == sorted(targets)


@pytest.mark.parametrize(
    ("arguments", "last"),
    [
        (["demo"], ".venv/bin/snakemake"),
        (["demo", "ARGS=-n --quiet"], ".venv/bin/snakemake -n --quiet"),
        (["watch"], ".venv/bin/python -m snakeval.watch --interval 60"),
        (
            ["watch", "INTERVAL=5", "PROFILE=profiles/slurm", "ARGS=--config seed=1"],
            ".venv/bin/python -m snakeval.watch --interval 5 --profile profiles/slurm --config seed=1",
        ),
        (["test", "PATHS=tests/unit"], ".venv/bin/pytest tests/unit"),
        (["test", "PATHS=tests/unit", "ARGS=-k journal"], ".venv/bin/pytest tests/unit -k journal"),
    ],
)
def test_the_last_command_is_the_plain_one(arguments: list[str], last: str) -> None:
    assert make(ROOT, "-n", *arguments).splitlines()[-1].strip() == last


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """A project with folders of tests."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("e2e", "another", "golden", "slurm", "unit", "rules", "__pycache__"):
        (tmp_path / "tests" / name).mkdir(parents=True)
    return tmp_path


def test_all_folders_of_tests_run_side_by_side_the_slow_ones_first(folders: Path) -> None:
    order = [f"tests/{name}" for name in ("slurm", "e2e", "rules", "golden", "unit", "another")]
    command = make(folders, "-n", "test").splitlines()[-1].split()
    assert command == [".venv/bin/pytest", "-n", "3", "--dist", "loadfile", "--no-loadscope-reorder", *order]
    command = make(folders, "-n", "test", "WORKERS=9").splitlines()[-1].split()
    assert command[1:3] == ["-n", "9"]
    command = make(folders, "-n", "test", "ARGS=-x").splitlines()[-1].split()
    assert command == [".venv/bin/pytest", *order, "-x"]


def test_clean_removes_the_environment_and_never_the_results(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    kept = [
        "Makefile",
        "results/.journal/a.jsonl",
        "results/summary.md",
        ".snakemake/metadata/a",
        "rules/a.smk",
    ]
    removed = [
        ".venv/bin/python",
        ".mypy_cache/a",
        "workflow/snakeval.egg-info/a",
        "tests/unit/__pycache__/a.pyc",
    ]
    for name in [*kept[1:], *removed]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    make(tmp_path, "clean")
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert left == set(kept)


def test_ci_runs_make_test_and_nothing_else() -> None:
    script = ROOT / ".ci" / "run"
    assert script.read_text().splitlines() == ["#!/usr/bin/env bash", "exec make test"]
