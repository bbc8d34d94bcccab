"""Parsing the workflow costs no more for a model among many than for one among few."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import yaml

from project import Project, new_project

CALLS = Path(__file__).with_name("calls.py")


def calls(project: Project, models: int) -> int:
    """Calls of functions until the workflow is parsed, for so many models."""
    file = project.folder / "config/config.yaml"
    names = [f"organisation/model-{number}" for number in range(models)]
    file.write_text(yaml.safe_dump({**yaml.safe_load(file.read_text()), "models": names}))
    command = [sys.executable, str(CALLS), "results/problems/demo-arithmetic.parquet"]
    done = subprocess.run(
        command, cwd=project.folder, env=project.environment(), capture_output=True, text=True, check=True
    )
    found = re.search(r"^calls: (\d+)$", done.stdout, re.MULTILINE)
    assert found, done.stdout + done.stderr
    return int(found[1])


def test_parsing_grows_with_the_models_and_not_with_their_pairs(tmp_path: Path) -> None:
    project = new_project(tmp_path / "project")
    few, some, many = (calls(project, models) for models in (20, 60, 180))
    # With the pairs of models made at every parse, each of the 120 more costs 1.6 times as much.
    assert (many - some) / 120 < 1.1 * (some - few) / 40
