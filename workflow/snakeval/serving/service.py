"""The owner of one model's server: python -m snakeval.serving.service, run by `serve_model` for the rule.

It writes its file at once, starts the engine when the first consumer asks for it, starts it again when
it dies, and stops it on SIGTERM or when the workflow that started it is gone. Imports little: the workflow
waits for the file. Consumers read, through `snakeval.asking.service`, a copy that only their own workflow
knows: jobs of a run whose Snakemake was killed live on, and they and the next run's share the file's name.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from snakeval.serving.engine_loop import run_engine
from snakeval.serving.engines import launch
from snakeval.serving.launches import Launch
from snakeval.serving.server import EngineServer
from snakeval.serving.spec import read_spec
from snakeval.system import processes

DEMAND = "demand"
POLL_SECONDS = 0.2
RESTARTS = 2
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Record:
    """The service's file. It holds the API key, so only its owner may read it.

    `state` is "waiting" (no consumer has asked yet), "starting", "ready" or "failed" (then `error` says
    why). The owner is the process `pid` that started at `pid_start` (clock ticks since boot) on `host`; the
    same of the engine, so that nobody is sent to one that has just died. `control` is a folder in which a
    file named "demand" asks for the engine.
    """

    state: str
    pid: int
    pid_start: int
    host: str
    served_model_name: str
    control: str
    log: str
    base_urls: tuple[str, ...] = ()
    api_key: str | None = None
    error: str | None = None
    engine_starts: int = 0
    engine_pid: int = 0
    engine_start: int = 0


def read_record(path: Path) -> Record:
    """Read a service's file. Raises OSError, or ValueError when it is no such file."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return Record(**{**values, "base_urls": tuple(values["base_urls"])})
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path}: not a service's file: {error}") from error


def write_record(path: Path, record: Record) -> None:
    """Replace a service's file; readers see the old one or the new one, and nobody else sees either."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # mkstemp makes files of mode 0600.
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(asdict(record), file, indent=1)
    Path(temporary).replace(path)


def own_file(path: Path, pid: int, start: int) -> Path:
    """The copy of a service's file for the consumers that the same workflow, this process, started."""
    return path.with_name(f".{path.name}-{processes.machine()}-{pid}-{start}")


def _remove_orphans(path: Path) -> None:
    """Remove the copies of this machine whose workflow is gone; they hold the keys of dead servers."""
    for copy in path.parent.iterdir():
        if copy.name.startswith(f".{path.name}-{processes.machine()}-"):
            pid, start = copy.name.split("-")[-2:]
            if not processes.alive(int(pid), int(start)):
                copy.unlink(missing_ok=True)


class Service:
    """One model's server from the first demand to the last consumer; see the module's text."""

    def __init__(self, file: Path, log: Path, served_model_name: str) -> None:
        self._file = file
        self._log = log
        self._workflow = processes.introduced()
        self._signalled = False
        for number in STOP_SIGNALS:
            signal.signal(number, self._on_signal)
        me = processes.process(os.getpid())
        if me is None or not processes.alive(*self._workflow):
            raise OSError("the process that started this one is gone, or /proc does not show it")
        self._own = own_file(file, *self._workflow)
        control = tempfile.mkdtemp(prefix="snakeval-")
        host = socket.gethostname()
        self._record = Record(
            "waiting", me.pid, me.start, host, served_model_name, control, str(log.absolute())
        )
        write_record(self._own, self._record)
        _remove_orphans(file)
        write_record(file, self._record)

    def run(self, make_launch: Callable[[], Launch], start_timeout: float, restarts: int) -> int:
        """Serve until told to stop. Returns 0, or 1 if the engine could not be had."""
        try:
            while not self.stopping() and not self._demand().exists():
                self.pause()
            if error := run_engine(self, make_launch, self._server, start_timeout, restarts):
                self.say(error)
                self._update(state="failed", base_urls=(), api_key=None, error=error)
                # Ending now would have Snakemake delete the file before the consumers have read why.
                while not self.stopping():
                    self.pause()
                return 1
            return 0
        finally:
            self._own.unlink(missing_ok=True)
            shutil.rmtree(self._record.control, ignore_errors=True)

    def starting(self, number: int) -> None:
        """The engine starts."""
        self._update(state="starting", base_urls=(), api_key=None, engine_starts=number)

    def ready(self, server: EngineServer, url: str) -> None:
        """The engine answers: consumers may be sent to it."""
        pid, start = server.leader
        self._update(
            state="ready", api_key=server.api_key, base_urls=(url,), engine_pid=pid, engine_start=start
        )

    def _server(self, launch: Launch) -> EngineServer:
        return EngineServer(launch, self._record.served_model_name, self._log)

    def _demand(self) -> Path:
        return Path(self._record.control, DEMAND)

    def stopping(self) -> bool:
        """Whether a signal came, or the workflow that started this process is gone."""
        return self._signalled or not processes.alive(*self._workflow)

    def _on_signal(self, *_: object) -> None:
        self._signalled = True

    def _update(self, **changes: object) -> None:
        self._record = replace(self._record, **changes)  # type: ignore[arg-type]
        if not self.stopping():  # Snakemake may have deleted the file already: don't bring it back.
            write_record(self._own, self._record)
            write_record(self._file, self._record)

    def pause(self) -> None:
        """Wait a moment, and see to the file."""
        time.sleep(POLL_SECONDS)
        if not self._file.exists() and not self.stopping():  # another run's job has ended and deleted it
            write_record(self._file, self._record)

    def say(self, message: str) -> None:
        """Put a line into the log."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("a", encoding="utf-8") as log:
            log.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} snakeval.serving.service: {message}\n")


def run_service(
    file: Path,
    log: Path,
    make_launch: Callable[[], Launch],
    served_model_name: str,
    start_timeout: float,
    restarts: int = RESTARTS,
) -> int:
    """Own one model's server in this process until SIGTERM, SIGINT, SIGHUP or the parent's end.

    `start_timeout` in seconds. The engine is started again up to `restarts` times after it has once been
    ready. Returns the exit code: 0, or 1 if the engine could not be had.
    """
    return Service(file, log, served_model_name).run(make_launch, start_timeout, restarts)


def main(options: Sequence[str] | None = None) -> int:
    """Own one model's server; `options` are those of the command line."""
    parser = argparse.ArgumentParser(prog="snakeval.serving.service", description="Own one model's server.")
    parser.add_argument("--file", type=Path, required=True, help="the service's file, written at once")
    parser.add_argument("--log", type=Path, required=True, help="where the engine's output is appended")
    parser.add_argument("--config", type=Path, help="results/configs/MODEL.yaml")
    parser.add_argument("--spec", required=True, help="JSON, or a file with it: see snakeval.serving.spec")
    arguments = parser.parse_args(options)
    try:
        spec = read_spec(arguments.spec, arguments.config)
    except (OSError, ValueError) as error:
        arguments.log.parent.mkdir(parents=True, exist_ok=True)
        arguments.log.write_text(f"snakeval.serving.service: {error}\n", encoding="utf-8")
        print(f"snakeval.serving.service: {error}", file=sys.stderr)
        return 1
    return run_service(
        arguments.file,
        arguments.log,
        lambda: launch(spec),
        spec.served_model_name,
        spec.start_timeout,
        spec.restarts,
    )


if __name__ == "__main__":
    sys.exit(main())
