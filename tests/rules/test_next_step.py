"""After each kind of end that leaves something behind, the last line says what has to be typed next."""

from __future__ import annotations

import os
import signal
import subprocess
import time

import pytest

from project import Project
from snakeval.dag.next_step import FAILED, INCOMPLETE, UNLOCK

pytestmark = pytest.mark.e2e

TARGET = "results/problems/demo-arithmetic.parquet"
WITHOUT_PROFILE = ("--workflow-profile", "none", "--cores", "1")


def last_line(project: Project, *arguments: str) -> str:
    """The last line of a command that fails."""
    done = project.run(*arguments, check=False)
    assert done.returncode != 0, done.stdout
    return done.stdout.splitlines()[-1]


def wait_for(project: Project, head: subprocess.Popen[str], pattern: str) -> int:
    """The process of a run's script, as soon as it is there."""
    while True:
        commands = project.processes().items()
        if found := [pid for pid, command in commands if pattern in command and "snakemake " not in command]:
            return found[0]
        assert head.poll() is None, "the run ended before it could be disturbed"
        time.sleep(0.05)


def test_a_head_killed_while_its_job_runs(project: Project) -> None:
    """The lock stays, and so does the mark that the job's output is not complete."""
    head = project.start(TARGET)
    job = wait_for(project, head, "prepare.py")
    os.kill(job, signal.SIGSTOP)
    running = f"Next: Snakemake runs in this folder (process {head.pid}): wait until it ends, or stop it"
    assert last_line(project, TARGET) == running
    os.kill(head.pid, signal.SIGKILL)
    os.kill(job, signal.SIGCONT)
    head.communicate(timeout=300)
    while project.processes():
        time.sleep(0.1)
    assert last_line(project, TARGET) == (
        f"Next: {UNLOCK} (process {head.pid}, which locked this folder, is gone)"
    )
    project.run("--unlock")
    (project.folder / TARGET).touch()  # whether or not the job had come so far
    assert last_line(project, TARGET, *WITHOUT_PROFILE) == f"Next: {INCOMPLETE}"
    done = project.run(TARGET)
    assert "Next: " not in done.stdout
    assert "Nothing to be done" in project.run("-n", TARGET).stdout


def test_a_job_that_fails(project: Project) -> None:
    begin = "    begin(snakemake)\n"
    project.edit("workflow/scripts/prepare.py", begin, f'{begin}    raise ValueError("no such thing")\n')
    assert last_line(project, TARGET) == f"Next: {FAILED}"
