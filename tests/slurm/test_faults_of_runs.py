"""The run itself is killed or interrupted, the controller restarts, the disk is full."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from project import PATIENCE
from slurm.cluster import Cluster, Job
from slurm.faulty import SAMPLES, Faulty, Prepared, faulty_project
from slurm.machine import wait_until

WAITS = "another job makes this output; waiting for it"


def kill_head(faulty: Faulty) -> Job:
    """kill -9 of Snakemake while its job generates; the job lives on."""
    faulty.engine.behave(seconds=0.5)
    head = faulty.start()
    job = faulty.wait_for_rows(10)
    faulty.engine.behave(seconds=600)  # until the test says otherwise
    head.kill()
    head.communicate(timeout=PATIENCE)
    faulty.project.run("--unlock")
    assert faulty.job() == job
    return job


def start_again(faulty: Faulty, first: Job) -> tuple[subprocess.Popen[str], Job]:
    """Start another run, and wait until its job waits for the first one's."""
    head = faulty.start()
    wait_until(lambda: WAITS in faulty.log(), f"nobody waits: {faulty.log()}")
    assert f"Slurm job {first.number}, process " in faulty.log()
    (second,) = [job for job in faulty.cluster.jobs() if job.number != first.number]
    return head, second


def test_head_killed_while_its_job_lives(faulty: Faulty) -> None:
    """The next run's job asks for nothing, and starts no engine: the first one does all of it."""
    first = kill_head(faulty)
    head, second = start_again(faulty, first)
    faulty.engine.behave(seconds=0)
    said = head.communicate(timeout=PATIENCE)[0]
    assert head.returncode == 0, said
    assert {faulty.state(first), faulty.state(second)} == {"COMPLETED"}
    assert "the other job has finished" in faulty.log()
    assert len(faulty.engine.requests()) == SAMPLES
    assert len(faulty.engine.starts()) == 1
    faulty.check()


def test_head_killed_and_then_its_job(faulty: Faulty) -> None:
    """The next run's job takes over once Slurm no longer has the first one, and asks for the rest."""
    first = kill_head(faulty)
    processes = faulty.project.processes().items()
    (client,) = [pid for pid, command in processes if re.match(r"\S*python\S* \S*generate\.py", command)]
    head, _ = start_again(faulty, first)
    os.kill(client, signal.SIGKILL)
    wait_until(lambda: faulty.state(first) not in ("RUNNING", "COMPLETING"), "the job lives")
    safe, asked = faulty.journalled(), len(faulty.engine.requests())
    faulty.engine.behave(seconds=0)
    said = head.communicate(timeout=PATIENCE)[0]
    assert head.returncode == 0, said
    assert "which is gone" in faulty.log()
    assert len(faulty.engine.requests()) - asked == SAMPLES - safe
    faulty.check()


def test_ctrl_c(faulty: Faulty) -> None:
    """Everything ends, and what was done is kept."""
    faulty.engine.behave(seconds=3)
    head = faulty.start()
    job = faulty.wait_for_rows(10)
    os.killpg(head.pid, signal.SIGINT)
    head.communicate(timeout=PATIENCE)
    assert head.returncode != 0
    faulty.wait_until_over()
    assert faulty.state(job) == "CANCELLED"
    faulty.recover()


def test_controller_restarts(faulty: Faulty) -> None:
    """The same run sees it through, though squeue has failed meanwhile."""
    faulty.engine.behave(seconds=2)
    head = faulty.start()
    faulty.wait_for_rows(10)
    faulty.cluster.stop_controller()
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            head.communicate(timeout=12)  # squeue gives up after 9 s
    finally:
        faulty.cluster.start_controller()
    said = head.communicate(timeout=PATIENCE)[0]
    assert head.returncode == 0, said
    assert len(faulty.engine.requests()) == SAMPLES
    faulty.check()


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A disk of 8 MB below a folder, with what is in it."""
    aside = folder.rename(folder.with_name("aside"))
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("only root can mount a small disk to fill")
    try:
        shutil.copytree(aside, folder, dirs_exist_ok=True)
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(file: Path) -> None:
    """Write until there is no space left."""
    with file.open("wb", buffering=0) as filler:
        while filler.write(bytes(4096)):
            pass


def test_full_disk(tmp_path: Path, prepared: Prepared) -> None:
    cluster = Cluster()  # of its own: nodes see only what was mounted when they started
    faulty = faulty_project(tmp_path, prepared, cluster)
    results = faulty.project.folder / "results"
    with small_disk(results), cluster.running():
        faulty.engine.behave(seconds=2)
        head = faulty.start()
        job = faulty.wait_for_rows(10)
        with pytest.raises(OSError, match="No space left"):
            fill(results / "filler")
        said = head.communicate(timeout=PATIENCE)[0]
        assert head.returncode == 1, said
        assert faulty.state(job) == "FAILED"
        (results / "filler").unlink()
        faulty.recover()
