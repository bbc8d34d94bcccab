"""Slurm's commands for tests without Slurm: every node is this machine. Run as a script under their names.

A submitted job runs at once; jobs.json beside the commands maps its number to its process and its state.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path


def install(folder: Path, nodes: Sequence[str]) -> Path:
    """Put the commands into `folder`, for a job on these nodes; what srun was given goes to srun.log."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("srun", "scontrol", "sbatch", "squeue", "scancel"):
        script = folder / name
        command = f"exec {sys.executable} {__file__} {name} {','.join(nodes)}"
        script.write_text(
            f'#!/bin/sh\nexport FAKE_SLURM={folder}\necho "$@" >> {folder}/{name}.log\n{command} "$@"\n'
        )
        script.chmod(0o755)
    return folder


def scontrol(nodes: str, words: list[str]) -> int:
    """`show job` and `show hostnames`, as Slurm 22 prints them."""
    if "hostnames" in words:
        print("\n".join(words[-1].split(",")))
        return 0
    if words[-1] != "7":
        print("slurm_load_jobs error: Invalid job id specified", file=sys.stderr)
        return 1
    print(f"JobId=7 JobName=x ReqNodeList=(null) ExcNodeList=(null) NodeList={nodes} BatchHost=n1 NumNodes=2")
    return 0


def srun(words: list[str]) -> int:
    """Start the tasks, pass SIGTERM on, and end them all when one ends badly."""
    options = dict(word.partition("=")[::2] for word in words if word.startswith("--"))
    command = words[next(i for i, word in enumerate(words) if not word.startswith("-")) :]
    tasks = [
        subprocess.Popen(command, env={**os.environ, "SLURM_PROCID": str(rank)})
        for rank in range(int(options["--ntasks"]))
    ]
    stopping = [False]
    signal.signal(signal.SIGTERM, lambda *_: stopping.__setitem__(0, True))
    while any(task.poll() is None for task in tasks):
        if stopping[0] or any(task.poll() for task in tasks):
            for task in tasks:
                task.terminate()
        time.sleep(0.02)
    return max((abs(task.returncode or 0) for task in tasks), default=0)


def jobs(folder: Path) -> dict[str, dict[str, object]]:
    """Each job's process and the state that squeue shows while it lives."""
    file = folder / "jobs.json"
    return dict(json.loads(file.read_text())) if file.exists() else {}


def sbatch(folder: Path, words: list[str]) -> int:
    """Run the script in the background and print its number; what it was given is in sbatch.log."""
    known = jobs(folder)
    number = str(100 + len(known))
    output = next(word.partition("=")[2] for word in words if word.startswith("--output="))
    with Path(output).open("ab") as log:
        variables = {**os.environ, "SLURM_JOB_ID": number}
        job = subprocess.Popen(
            [words[-1]] if os.access(words[-1], os.X_OK) else ["sh", words[-1]],
            env=variables,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    (folder / "jobs.json").write_text(json.dumps({**known, number: {"pid": job.pid, "state": "RUNNING"}}))
    print(f"{number};cluster")
    return 0


def squeue(folder: Path, words: list[str]) -> int:
    """Number and state of the jobs that live."""
    assert "--format=%i %T" in words
    for number, job in jobs(folder).items():
        pid = int(str(job["pid"]))
        if Path(f"/proc/{pid}").exists() and " Z " not in Path(f"/proc/{pid}/stat").read_text():
            print(number, job["state"])
    return 0


def scancel(folder: Path, words: list[str]) -> int:
    """SIGTERM to the job."""
    os.kill(int(str(jobs(folder)[words[-1]]["pid"])), signal.SIGTERM)
    return 0


if __name__ == "__main__":
    _, name, nodes, *words = sys.argv
    here = Path(os.environ["FAKE_SLURM"]) if "FAKE_SLURM" in os.environ else Path()
    if name == "scontrol":
        sys.exit(scontrol(nodes, words))
    sys.exit(srun(words) if name == "srun" else globals()[name](here, words))
