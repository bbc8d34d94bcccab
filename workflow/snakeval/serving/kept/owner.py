"""The owner of one kept server: python -m snakeval.serving.kept.owner .servers/MODEL/NUMBER

`serving.kept.start` starts it. It belongs to no workflow: it runs until SIGTERM, until the end of its Slurm
job, or until its engine can't be had. The engine listens on loopback, or in a Slurm job on the address of its
node, and answers only to who has the key. Whatever ends the owner ends the engine.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from dataclasses import replace
from pathlib import Path

from snakeval.serving.allocation import AllocationError, address_toward
from snakeval.serving.engine_loop import run_engine
from snakeval.serving.engines import launch
from snakeval.serving.kept.registry import Started, State, write_entry
from snakeval.serving.launches import Launch
from snakeval.serving.server import EngineServer
from snakeval.serving.spec import ServeSpec
from snakeval.system import processes

POLL_SECONDS = 0.5
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class KeptOwner:
    """One kept server from its start to its end; see the module's text."""

    def __init__(self, folder: Path) -> None:
        self._signalled = False
        for number in STOP_SIGNALS:
            signal.signal(number, self._on_signal)
        self._folder = folder
        self._started = Started(**json.loads((folder / "server.json").read_text(encoding="utf-8")))
        self._key = (folder.parent / "key").read_text(encoding="utf-8").strip()
        me = processes.process(os.getpid())
        assert me is not None
        job = os.environ.get("SLURM_JOB_ID") if self._started.slurm else None
        host, machine = socket.gethostname(), processes.machine()
        self._state = State("starting", host, machine, me.pid, me.start, job)
        write_entry(folder / "state.json", self._state)

    def run(self) -> int:
        """Serve until told to stop. Returns 0, or 1 if the engine could not be had."""
        values = {**self._started.spec, "engine_args": tuple(self._started.spec["engine_args"])}
        try:
            spec = replace(ServeSpec(**values), host=self._address())
        except AllocationError as failure:
            self._update(state="failed", error=str(failure))
            return 1
        error = run_engine(self, lambda: launch(spec), self._server, spec.start_timeout, spec.restarts)
        if error:
            self.say(error)
            self._update(state="failed", url=None, error=error)
        return 1 if error else 0

    def stopping(self) -> bool:
        """Whether it was told to stop."""
        return self._signalled

    def starting(self, number: int) -> None:
        """The engine starts."""
        self._update(state="starting", url=None, engine_starts=number)

    def ready(self, server: EngineServer, url: str) -> None:
        """The engine answers."""
        self._update(state="ready", url=url)

    def pause(self) -> None:
        """Wait a moment."""
        time.sleep(POLL_SECONDS)

    def say(self, message: str) -> None:
        """Put a line into the log."""
        with (self._folder / "log").open("a", encoding="utf-8") as log:
            log.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} snakeval.serving.kept.owner: {message}\n")

    def _address(self) -> str:
        """Where the API listens: chosen by hand, on the way to where it was started from, or loopback."""
        if self._started.address:
            return self._started.address
        return address_toward(self._started.host) if self._started.slurm else "127.0.0.1"

    def _server(self, made: Launch) -> EngineServer:
        name = str(self._started.spec["served_model_name"])
        return EngineServer(made, name, self._folder / "log", api_key=self._key)

    def _update(self, **changes: object) -> None:
        self._state = replace(self._state, **changes)  # type: ignore[arg-type]
        if self._folder.is_dir():  # it may have been cancelled meanwhile
            write_entry(self._folder / "state.json", self._state)

    def _on_signal(self, *_: object) -> None:
        self._signalled = True


if __name__ == "__main__":
    sys.exit(KeptOwner(Path(sys.argv[1])).run())
