"""The locks hold what pyproject.toml asks for, and agree with each other."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from requirements.setup_env import GROUPS, lock_file, pins
from requirements.stub_wheels import STUBS

ROOT = Path(__file__).resolve().parents[3]


def pinned(group: str) -> dict[str, Requirement]:
    found = [Requirement(line) for line in pins(group)]
    return {requirement.name: requirement for requirement in found}


@pytest.mark.parametrize(("group", "extras"), [("workflow", []), ("cpu", ["cpu"]), ("test", ["cpu", "test"])])
def test_the_locks_hold_what_pyproject_asks_for(group: str, extras: list[str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [
        *project["dependencies"],
        *(line for extra in extras for line in project["optional-dependencies"][extra]),
    ]
    lock = {name.lower().replace("_", "-"): pin for name, pin in pinned(group).items()}
    for requirement in map(Requirement, asked):
        pin = lock.get(requirement.name.lower().replace("_", "-"))
        assert pin is not None, f"{group}.lock lacks {requirement.name}: run `make lock`"
        version = next(iter(pin.specifier)).version
        assert requirement.specifier.contains(version), (
            f"{group}.lock: {pin}, asked {requirement}: run `make lock`"
        )


def test_the_locks_agree_and_name_no_place() -> None:
    workflow, cpu, test = (pinned(group) for group in ("workflow", "cpu", "test"))
    here = {name for name, pin in workflow.items() if pin.marker is None or pin.marker.evaluate()}
    assert {name: str(cpu[name].specifier) for name in here} == {n: str(workflow[n].specifier) for n in here}
    assert {name: str(pin) for name, pin in cpu.items()}.items() <= {
        n: str(p) for n, p in test.items()
    }.items()
    assert {name: f"=={version}" for name, version in STUBS.items()}.items() <= {
        name: str(pin.specifier) for name, pin in cpu.items()
    }.items()
    assert not set(STUBS) & set(workflow)
    for group in GROUPS:
        assert re.fullmatch(r"[\w.\-]+==[\w.+]+( ; .+)?", pins(group)[0])
        assert "://" not in lock_file(group).read_text()
