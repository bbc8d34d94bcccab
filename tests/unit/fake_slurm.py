"""Slurm's commands for tests without Slurm: every node is this machine. Run as a script under their names."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path


def install(folder: Path, nodes: Sequence[str]) -> Path:
    """Put srun and scontrol into `folder`, for a job on these nodes; what srun was given goes to srun.log."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("srun", "scontrol"):
        script = folder / name
        command = f"exec {sys.executable} {__file__} {name} {','.join(nodes)}"
        script.write_text(f'#!/bin/sh\necho "$@" >> {folder}/{name}.log\n{command} "$@"\n')
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


if __name__ == "__main__":
    _, name, nodes, *words = sys.argv
    sys.exit(scontrol(nodes, words) if name == "scontrol" else srun(words))
