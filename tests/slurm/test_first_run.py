"""The first run that docs/slurm.md has a new user do, word for word, with the real vLLM on processors."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from project import PATIENCE, REPOSITORY, Project
from slurm.cluster import ACCOUNT, Cluster, Job
from slurm.machine import wait_until
from slurm.on_cluster import SOON, OnCluster
from slurm.test_profile import rule_of

pytestmark = pytest.mark.e2e

# What the user enters: no GPU; the account is there. The head looks at its jobs soon.
EDITOR = f"""\
#!/bin/sh
exec sed -i -e 's/^jobs: 100$/&\\n{SOON}: 1/' -e 's/per_node: 8/per_node: 0/' "$1"
"""


def commands() -> list[str]:
    """The first block of commands in the docs, without what stands behind them."""
    text = (REPOSITORY / "docs/slurm.md").read_text()
    block = text.partition("## First run\n\n```\n")[2].partition("```\n")[0]
    return [line.partition("#")[0].strip() for line in block.splitlines()]


@pytest.fixture
def checkout(vllm_project: OnCluster) -> Project:
    """The project as after `git clone` and `make install`; a small part of the demo is chosen."""
    project = vllm_project.project
    shutil.rmtree(project.folder / "profiles")
    shutil.copytree(REPOSITORY / "profiles", project.folder / "profiles")
    (project.folder / ".venv").symlink_to(project.programs.parent)
    project.edit("config/config.yaml", "models: [demo-early, demo-late]", "models: [demo-late]")
    project.edit("config/config.yaml", "arenas: [demo]", "arenas: []")
    project.edit("config/benchmarks/demo-arithmetic.yaml", "n_samples: 8", "n_samples: 2\nlimit: 8")
    return project


def jobs(cluster: Cluster) -> list[Job]:
    """All jobs that there were, from the accounts: the controller soon forgets one that has ended."""
    rows = cluster.accounting("--allocations", fields="JobID,State,Partition,NodeList,AllocTRES,Comment")
    return [Job(int(number), *rest) for number, *rest in rows]


def made(cluster: Cluster, before: set[int]) -> list[Job]:
    """The jobs besides those that there were before."""
    return [job for job in jobs(cluster) if job.number not in before]


def type_in(project: Project, command: str, editor: Path) -> str:
    """Have a shell run a command in the checkout, and return what it printed."""
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=project.folder,
        env=project.environment({"EDITOR": str(editor)}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_first_run(checkout: Project, cluster: Cluster, tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text(EDITOR)
    editor.chmod(0o755)
    clone, install, *prepare, look, run = commands()
    assert (clone.split()[:2], install) == (["git", "clone"], "make install")
    for command in prepare:
        type_in(checkout, command, editor)
    profile = (checkout.folder / "profiles/mine/config.yaml").read_text()
    assert "slurm_account: root  # your default account" in profile
    assert "slurm_partition: gpu  # scontrol show partition gpu" in profile
    assert f"# Your accounts: root, {ACCOUNT}" in profile

    before = {job.number for job in jobs(cluster)}
    type_in(checkout, look, editor)
    assert {job.number for job in jobs(cluster)} == before

    said = type_in(checkout, run, editor)
    assert "gpus.per_node is 0: engines run on the processors of their nodes" in said
    wait_until(lambda: all(job.state == "COMPLETED" for job in made(cluster, before)), "a job has not ended")
    assert {job.gpus for job in made(cluster, before)} == {0}
    rules = [rule_of(job) for job in made(cluster, before)]
    # One server makes the samples, one judges them.
    assert rules.count("serve") == 2
    graded = {"grades-demo-late_aggregate_grade", "judged-demo-answer-judge-0_aggregate"}
    assert graded | {"summary", "report"} < set(rules)
    results = checkout.folder / "results"
    for grader in ("math", "demo-answer"):
        metrics = json.loads((results / f"metrics/demo-arithmetic/demo-late/{grader}.json").read_text())
        assert metrics["validity"]["requested"] == metrics["validity"]["generated"] == 16
    assert "| Demo, late checkpoint | Demo arithmetic | math " in (results / "summary.md").read_text()
    assert "Demo, late checkpoint" in (results / "report.html").read_text()

    assert "Nothing to be done" in type_in(checkout, run, editor)
    assert len(made(cluster, before)) == len(rules)
