"""Start servers that are kept, as processes of this machine or as Slurm jobs, and end them."""

from __future__ import annotations

import fcntl
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from snakeval.config.endpoints import servers_folder
from snakeval.serving.kept import registry
from snakeval.serving.kept.registry import LIVE, KeptError, Server, Started
from snakeval.serving.spec import ServeSpec
from snakeval.system import processes

OWNER = (sys.executable, "-P", "-m", "snakeval.serving.kept.owner")
END_SECONDS = 60.0
# What of a rule's resources is an option of sbatch, besides GPUs, nodes and processors.
SBATCH = {
    "slurm_account": "--account",
    "slurm_partition": "--partition",
    "runtime": "--time",
    "mem_mb": "--mem",
    "constraint": "--constraint",
    "qos": "--qos",
}


def sbatch_options(resources: Mapping[str, Any], threads: int, spec: ServeSpec, gpus: int) -> list[str]:
    """sbatch's options for a server, from the resources of a profile; `gpus` are those of one node."""
    nodes = str(spec.nodes or 1)
    cpus = resources.get("cpus_per_task") or (resources.get("cpus_per_gpu") or 0) * gpus or threads
    options = [
        f"--nodes={nodes}",
        f"--ntasks={nodes}",
        "--ntasks-per-node=1",
        f"--cpus-per-task={max(cpus, 1)}",
    ]
    options += [f"{option}={resources[name]}" for name, option in SBATCH.items() if resources.get(name)]
    if resources.get("gres"):
        options.append(f"--gres={resources['gres']}")
    elif gpus:
        kind = f"{resources['gpu_model']}:" if resources.get("gpu_model") else ""
        options.append(f"--gres=gpu:{kind}{gpus}")
    return [*options, *shlex.split(str(resources.get("slurm_extra") or ""))]


def start(
    model: str,
    spec: ServeSpec,
    count: int = 1,
    sbatch: Sequence[str] | None = None,
    address: str | None = None,
) -> list[Server]:
    """Have `count` servers of a model live, and return those that were started for it.

    Entries that are dead or have failed are replaced. With `sbatch`, its options, they are Slurm jobs.
    Raises KeptError.
    """
    registry.make_key(model)
    with _lock(model):
        entries = registry.servers(model)
        alive = [entry for entry in entries if entry.status in LIVE]
        for entry in entries:
            if entry.status in ("dead", "failed"):
                registry.remove(entry)
        registry.make_key(model)
        taken = {entry.folder.name for entry in entries if entry.folder.exists()}
        free = (str(number) for number in range(1, 10**6) if str(number) not in taken)
        new = [next(free) for _ in range(count - len(alive))]
        started = Started(asdict(spec), time.time(), socket.gethostname(), sbatch is not None, None, address)
        for number in new:
            _start(servers_folder() / model / number, started, sbatch)
        return [entry for entry in registry.servers(model) if entry.folder.name in new]


def cancel(server: Server) -> None:
    """End a server, whatever its state, and remove its entry once nothing of it is left. Raises KeptError."""
    job = server.started.job or (server.state.job if server.state else None)
    if server.started.slurm:
        if job and server.status != "dead":
            _end_job(server, job)
    elif server.status == "unknown":
        raise KeptError(f"{server.name}: {server.why}")
    elif server.state and server.status != "dead":
        _end_process(server, server.state.pid, server.state.pid_start)
    registry.remove(server)


@contextmanager
def _lock(model: str) -> Iterator[None]:
    """Of two that start servers of a model the second sees those of the first."""
    path = servers_folder() / f".{model}.lock"
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _start(folder: Path, started: Started, sbatch: Sequence[str] | None) -> None:
    folder.mkdir(mode=0o700)
    registry.write_entry(folder / "server.json", started)
    try:
        if sbatch is None:
            _spawn(folder)
        else:
            registry.write_entry(folder / "server.json", replace(started, job=_submit(folder, sbatch)))
    except BaseException:
        if not (folder / "state.json").exists():
            registry.remove(
                next(entry for entry in registry.servers(folder.parent.name) if entry.folder == folder)
            )
        raise


def _spawn(folder: Path) -> None:
    """Start the owner in a session of its own, so that nothing that ends here ends it; wait for its word."""
    with (folder / "log").open("ab") as log:
        owner = subprocess.Popen(
            [*OWNER, str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + registry.STARTING_SECONDS
    while not (folder / "state.json").exists():
        if owner.poll() is not None or time.monotonic() > deadline:
            with suppress(ProcessLookupError):
                os.killpg(owner.pid, signal.SIGKILL)
            said = (folder / "log").read_text(encoding="utf-8", errors="replace")[-2000:]
            raise KeptError(f"the server's owner did not start:\n{said}")
        time.sleep(0.05)
    # It is nobody's child to wait for; without this Python would warn that it still runs.
    owner.returncode = 0


def _submit(folder: Path, options: Sequence[str]) -> str:
    """Submit the owner as a job; return the job's number."""
    script = folder / "job.sh"
    script.write_text(f"#!/bin/sh\nexec {shlex.join([*OWNER, str(folder)])}\n", encoding="utf-8")
    name = f"--job-name=snakeval-{folder.parent.name}-{folder.name}"
    command = ["sbatch", "--parsable", name, f"--output={folder / 'log'}", "--open-mode=append", *options]
    try:
        done = subprocess.run(
            [*command, str(script)], capture_output=True, text=True, timeout=120, check=False
        )
    except OSError as error:
        raise KeptError(f"no server was submitted: {error}") from error
    if done.returncode:
        raise KeptError(f"{shlex.join(command)}: {done.stderr.strip()}")
    return done.stdout.strip().split(";")[0]


def _end_job(server: Server, job: str) -> None:
    done = subprocess.run(["scancel", job], capture_output=True, text=True, timeout=120, check=False)
    ended = "already completing" in done.stderr or "Invalid job id" in done.stderr
    if done.returncode and not ended:
        raise KeptError(f"{server.name}: scancel {job}: {done.stderr.strip()}")
    _wait(server, lambda: _status(server) in ("dead", None))


def _end_process(server: Server, pid: int, start_time: int) -> None:
    if not processes.alive(pid, start_time):
        return
    os.kill(pid, signal.SIGTERM)
    try:
        _wait(server, lambda: not processes.alive(pid, start_time))
    except KeptError:
        # Its guardian ends the engine when the owner is gone.
        os.kill(pid, signal.SIGKILL)
        _wait(server, lambda: not processes.alive(pid, start_time))


def _status(server: Server) -> str | None:
    found = (entry.status for entry in registry.servers(server.model) if entry.folder == server.folder)
    status = next(found, None)
    # A failed owner's job may still be in the queue for a moment; its state stands over the queue's.
    return "dead" if status == "failed" else status


def _wait(server: Server, ended: Any) -> None:
    deadline = time.monotonic() + END_SECONDS
    while not ended():
        if time.monotonic() > deadline:
            raise KeptError(f"{server.name}: it was told to end {END_SECONDS:g} s ago and has not")
        time.sleep(0.2)
