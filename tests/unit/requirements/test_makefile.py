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
    }
    env = {key: value for key, value in os.environ.items() if key not in handed_down}
    return subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, check=True).stdout


def test_make_alone_lists_every_target() -> None:
    listed = re.findall(r"^make (\w+)\t\S", make(ROOT), re.MULTILINE)
    targets = re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE)
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


FOLDERS = ("e2e", "another", "golden", "slurm", "unit", "rules", "config", "__pycache__")
STAND_IN = """#!/bin/sh
echo "began $*" >> calls
case "$*" in tests/slurm) while ! grep -q "began tests/unit" calls; do sleep 0.05; done;; esac
python3 -c "import signal; exit(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)" || exit 9
echo "ran $*"
case "$*" in $FAILS*) exit 1;; esac
"""


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """A project with folders of tests, and a pytest that writes down what it is asked to run."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in FOLDERS:
        (tmp_path / "tests" / name).mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    pytest_ = tmp_path / "bin" / "pytest"
    pytest_.write_text(STAND_IN)
    pytest_.chmod(0o755)
    return tmp_path


def test_all_folders_of_tests_run_the_quick_ones_first(folders: Path) -> None:
    command = make(folders, "-n", "test", "ARGS=-x").splitlines()[-1].split()
    order = ("unit", "config", "rules", "golden", "slurm", "e2e", "another")
    assert command == [".venv/bin/pytest", *(f"tests/{name}" for name in order), "-x"]


@pytest.mark.parametrize(("fails", "code"), [("nothing", 0), ("tests/slurm", 2), ("tests/unit", 2)])
def test_tests_on_slurm_run_beside_the_others_and_either_may_fail(
    folders: Path, fails: str, code: int
) -> None:
    argv = ["make", "--no-print-directory", "test", "BIN=bin", "SET_UP=@true"]
    env = {"PATH": os.environ["PATH"], "FAILS": fails}
    done = subprocess.run(argv, cwd=folders, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == code
    others = "tests/unit tests/config tests/rules tests/golden tests/e2e tests/another"
    assert [line for line in done.stdout.splitlines() if line.startswith("ran")] == [
        f"ran {others}",
        "ran tests/slurm",
    ]


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
