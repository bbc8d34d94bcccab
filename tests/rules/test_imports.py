"""A job's script imports what the job uses: half a second of imports is most of what many a job takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache

import pytest

from project import REPOSITORY

SCRIPTS = REPOSITORY / "workflow" / "scripts"
# What some scripts need, and takes a tenth of a second or more, with those scripts; no others may import it.
HEAVY: dict[str, set[str]] = {
    "pandas": set(),
    "matplotlib": set(),  # imported by `report` where there is a plot
    "sklearn": set(),
    "sympy": set(),
    "scipy": {"compare", "gate", "leaderboard", "report"},
}
# They have all they need in their parameters, and check no configuration.
UNCHECKED = ("aggregate", "agree", "calibrate", "compare", "gate", "summary")
# Each script in a process of its own, forked from one that has imported nothing yet; writing a table counts.
IMPORTED = """
import json, os, pathlib, sys
for script in sorted(pathlib.Path(sys.argv[1]).glob("*.py")):
    if not (child := os.fork()):
        exec(compile(script.read_text(), script, "exec"), {"__name__": "imported"})
        if "snakeval.system.tables" in sys.modules:
            sys.modules["snakeval.system.tables"].pa.Table.from_pylist([{"text": "x", "number": 1}])
        print(json.dumps([script.stem, [name for name in sys.modules if "." not in name]]), flush=True)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0, script
"""


@cache
def imported() -> dict[str, set[str]]:
    """The packages in each script's process, by the script's name."""
    found = subprocess.run(
        [sys.executable, "-c", IMPORTED, str(SCRIPTS)],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "workflow")},
        capture_output=True,
        text=True,
        check=True,
    )
    return {name: set(packages) for name, packages in map(json.loads, found.stdout.splitlines())}


@pytest.mark.parametrize("package", HEAVY)
def test_a_script_imports_no_package_that_it_does_not_use(package: str) -> None:
    assert {name for name, packages in imported().items() if package in packages} == HEAVY[package]


def test_what_checks_no_configuration_does_without_pydantic() -> None:
    assert len(imported()) == len(list(SCRIPTS.glob("*.py")))
    assert [name for name in UNCHECKED if "pydantic" in imported()[name]] == []
