"""Runs Snakemake in a project to its end, for the benchmarks that measure what that takes."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command printed, its wall seconds, and CPU seconds and MiB, with those of what it waited for."""

    printed: str
    wall: float
    cpu: float
    memory: float


def run(folder: Path, command: list[str], variables: Mapping[str, str]) -> Ran:
    """Run Snakemake in a project with its own library. Ends the benchmark where that fails."""
    environment = {**os.environ, "PYTHONPATH": str(folder / "workflow"), **variables}
    with tempfile.TemporaryFile("w+") as output:
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=output)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        printed = output.read()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{printed[-5000:]}")
    return Ran(printed, wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
