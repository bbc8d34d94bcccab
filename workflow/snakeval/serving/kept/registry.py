"""Servers that are kept beyond a workflow's run: what is written of each, and which of them still live.

    .servers/MODEL/key                  the API key of all of a model's servers, for their owner's eyes only
    .servers/MODEL/1/server.json        how it was started, written by who started it
                     state.json         how it is, written by its owner (`snakeval.serving.kept.owner`)
                     log                what it and its engine print

Nothing of this is trusted: a process is looked for by its id and start time, a job in Slurm's queue. The
folder is that of the project, or the one that SNAKEVAL_SERVERS names.
"""

from __future__ import annotations

import getpass
import json
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from snakeval.config.endpoints import servers_folder
from snakeval.system import processes, slurm

STARTING_SECONDS = 60.0
WAITING = frozenset({"PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "SPECIAL_EXIT"})
LIVE = frozenset({"queued", "starting", "ready", "unknown"})


class KeptError(RuntimeError):
    """A kept server can't be had, found or ended; the message says why."""


@dataclass(frozen=True, slots=True)
class Started:
    """How a server was started: from `host`, as a process of it or as a Slurm job.

    `spec` holds the values of a `ServeSpec`, `created` seconds since 1970. The job's number is None until it
    has been submitted; `address` is what the API listens on, if it was chosen by hand.
    """

    spec: Mapping[str, Any]
    created: float
    host: str
    slurm: bool = False
    job: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    """How a server is: "starting", "ready" or "failed" (then `error` says why)."""

    state: str
    host: str
    machine: str
    pid: int
    pid_start: int
    job: str | None
    url: str | None = None
    error: str | None = None
    engine_starts: int = 0


@dataclass(frozen=True, slots=True)
class Server:
    """One entry: `status` is queued, starting, ready, failed, ending, dead or unknown, as was found out."""

    folder: Path
    model: str
    started: Started
    state: State | None
    status: str
    why: str = field(default="")

    @property
    def name(self) -> str:
        """What it is called: MODEL/NUMBER."""
        return f"{self.model}/{self.folder.name}"

    @property
    def served_model_name(self) -> str:
        """The model's name in requests."""
        return str(self.started.spec["served_model_name"])

    @property
    def url(self) -> str | None:
        """Where it said that it answers, None if it has not, or is known not to."""
        return self.state.url if self.state and self.status in ("ready", "unknown") else None


def key_file(model: str) -> Path:
    """Where the key of a model's servers is."""
    return servers_folder() / model / "key"


def make_key(model: str) -> Path:
    """The file with the key of a model's servers, of mode 0600, made if it is not there."""
    path = key_file(model)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        write_private(path, secrets.token_hex(32) + "\n")
    return path


def write_private(path: Path, text: str) -> None:
    """Replace a file by one that nobody else can read; readers see the old one or the new one."""
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(temporary).replace(path)


def write_entry(path: Path, entry: Started | State) -> None:
    """Write server.json or state.json."""
    write_private(path, json.dumps(asdict(entry), indent=1) + "\n")


def servers(model: str | None = None) -> list[Server]:
    """All entries, or those of one model, each with what became of it."""
    folders = sorted(servers_folder().glob(f"{model or '*'}/*/server.json"))
    read = [
        (path.parent, _read(path, Started), _read(path.with_name("state.json"), State)) for path in folders
    ]
    entries = [(folder, started, state) for folder, started, state in read if started is not None]
    queue = _queue() if any(started.slurm for _, started, _ in entries) else {}
    found = []
    for folder, started, state in entries:
        status, why = _in_slurm(started, state, queue) if started.slurm else _here(started, state)
        found.append(Server(folder, folder.parent.name, started, state, status, why))
    return found


def remove(server: Server) -> None:
    """Remove an entry, and with a model's last one its key."""
    shutil.rmtree(server.folder, ignore_errors=True)
    folder = server.folder.parent
    if not list(folder.glob("*/server.json")):
        shutil.rmtree(folder, ignore_errors=True)


def _read(path: Path, kind: type) -> Any:
    """An entry's file; None where there is none, or none of this version."""
    try:
        return kind(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _here(started: Started, state: State | None) -> tuple[str, str]:
    if state is None:
        young = time.time() - started.created < STARTING_SECONDS
        return ("starting", "") if young else ("dead", "it never said that it had started")
    if state.machine != processes.machine():
        if state.host == processes.machine().rpartition("_")[0]:
            return "dead", f"{state.host} was started again since"
        return "unknown", f"it is a process of {state.host}: look there"
    if state.state == "failed":
        return "failed", state.error or ""
    if not processes.alive(state.pid, state.pid_start):
        return "dead", f"process {state.pid} is gone"
    return state.state, ""


def _in_slurm(started: Started, state: State | None, queue: Mapping[str, str] | None) -> tuple[str, str]:
    if queue is None:
        return "unknown", "Slurm does not answer"
    job = started.job or (state.job if state else None)
    if job is None:
        young = time.time() - started.created < STARTING_SECONDS
        return ("queued", "") if young else ("dead", "it was never submitted")
    in_queue = queue.get(job)
    said = state if state and state.job == job else None
    if said and said.state == "failed":
        return "failed", said.error or ""
    if in_queue is None:
        return "dead", f"Slurm job {job} has ended"
    if in_queue in WAITING:
        return "queued", f"Slurm: {in_queue.lower()}"
    if in_queue != "RUNNING":
        return "ending", f"Slurm: {in_queue.lower()}"
    return (said.state if said else "starting"), ""


def _queue() -> Mapping[str, str] | None:
    """State of each of this user's jobs; None where Slurm does not answer."""
    try:
        listed = slurm.ask("squeue", "--noheader", f"--user={getpass.getuser()}", "--format=%i %T")
    except OSError:
        return None
    return dict(line.split(maxsplit=1) for line in listed.splitlines() if line.strip())
