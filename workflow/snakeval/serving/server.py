"""One engine process and everything that must hold before anybody may send it a request.

`EngineServer` owns the engine through a guardian process, so that nothing of it survives, whoever is
killed. The engine binds a free port itself; the port is read from the sockets that its own process
holds, so another server is never asked, let alone taken for ours.
"""

from __future__ import annotations

import json
import os
import secrets
import tempfile
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Self

from snakeval.serving.engine_log import summary
from snakeval.serving.launches import Launch
from snakeval.serving.ranks import Ranks
from snakeval.system import processes
from snakeval.system.guarded import Guarded

PROBE_SECONDS = 5.0


class EngineError(RuntimeError):
    """The engine can't be used; the message holds the end of its log."""


class EngineDied(EngineError):
    """The engine ended before it was ready."""


class EngineTimeout(EngineError):
    """The engine did not become ready in time."""


class EngineMismatch(EngineError):
    """The engine answers, but under another model name, or to anybody without a key."""


class EngineCancelled(EngineError):
    """The caller no longer wants the engine."""


class EngineServer:
    """A running engine: start it with `with`, then `wait_ready`.

    `api_key` is made anew for each server unless given. The engine's output is appended to `log`. `grace`
    is the time in seconds between SIGTERM and SIGKILL when it is stopped. An engine on several nodes is
    ready when all of its ranks are, and ends when one does.
    """

    def __init__(
        self,
        launch: Launch,
        served_model_name: str,
        log: Path,
        *,
        grace: float = 5.0,
        api_key: str | None = None,
    ) -> None:
        # Of letters and digits: a word of a command line must not begin with '-'.
        self.api_key = api_key or secrets.token_hex(32)
        self._launch = launch
        self._name = served_model_name
        self._log = log
        self._key_folder = tempfile.TemporaryDirectory(prefix="snakeval-") if launch.key_option else None
        self._engine = Guarded(self._command(), self._environment(), grace)
        self._ranks = Ranks(launch.others, launch.env, log, grace) if launch.others else None
        self._log_start = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the engine's processes; they load their model in the background. Raises EngineDied."""
        self._started = time.monotonic()
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            if self._launch.key_option:
                self._log.chmod(0o600)  # the engine repeats its key there
            self._log_start = log.tell()
            if self._ranks and not self._ranks.start():
                self.stop()
                raise EngineDied(self._report("could not be started on other nodes: no srun"))
            if not self._engine.start(log):
                self.stop()
                raise EngineDied(self._report("could not be started"))

    def wait_ready(self, timeout: float, cancelled: Callable[[], bool] = lambda: False) -> str:
        """Return the base URL (ending in /v1) once the engine answers, at most `timeout` seconds from now.

        It answers when its own first process (or, below a wrapper, the one that was meant) holds the
        listening socket, shows the expected model to our key and refuses another key with 401, and is still
        alive. Raises EngineDied, EngineTimeout, EngineMismatch, and EngineCancelled when `cancelled` says so.
        """
        began = time.monotonic()
        while (waited := time.monotonic() - began) < timeout:
            if cancelled():
                raise EngineCancelled("stopped while the engine was loading")
            # Only the server's own: its workers talk to each other over sockets that are no HTTP.
            server = processes.below_wrappers(self.leader[0], self._name)
            for host, port in processes.listening([server]):
                if self._ours_answers(host, port) and self._complete(host, port):
                    return f"http://{f'[{host}]' if ':' in host else host}:{port}/v1"
            if not self.alive():
                lost = self._lost()
                self.stop()
                raise EngineDied(self._report("ended before it was ready", lost))
            time.sleep(min(0.1 + waited / 100, 1.0))
        raise EngineTimeout(self._report(f"was not ready within {timeout:g} s", self._lost()))

    @property
    def leader(self) -> tuple[int, int]:
        """Id and start time of the engine's first process, (0, 0) before it has one."""
        return self._engine.leader

    def alive(self) -> bool:
        """Whether the engine's leader and its guardian run, and all ranks on other nodes that there were."""
        return self._engine.alive() and (self._ranks is None or self._ranks.alive())

    def _complete(self, host: str, port: int) -> bool:
        """Whether all ranks are there, and the first is well and knows of none that is not."""
        if self._ranks is not None and not self._ranks.complete():
            return False
        try:
            return health(host, port, self._launch.health) == 200 and self.alive()
        except (OSError, HTTPException):
            return False

    def died(self) -> str:
        """What to say of an engine that ended while it served: its exit code and the end of its log."""
        lost = self._lost()
        self.stop()
        return self._report("ended while it served", lost)

    def stop(self) -> None:
        """End all of the engine's processes, whatever state they are in. Does nothing the second time."""
        if self._ranks:
            self._ranks.let_go()
        self._engine.stop()
        if self._ranks:
            self._ranks.stop()
        if self._key_folder:
            self._key_folder.cleanup()

    def _command(self) -> tuple[str, ...]:
        """The engine's command line; its key is in a file that only we can read, where it takes one."""
        if self._key_folder is None or self._launch.key_option is None:
            return self._launch.command
        file = Path(self._key_folder.name, "options.yaml")
        file.touch(mode=0o600)
        file.write_text(f"api-key: {json.dumps(self.api_key)}\n", encoding="utf-8")
        return (*self._launch.command, self._launch.key_option, str(file))

    def _environment(self) -> dict[str, str]:
        own = {} if self._key_folder else {self._launch.key_variable: self.api_key}
        return {**os.environ, **self._launch.env, **own}

    def _ours_answers(self, host: str, port: int) -> bool:
        """Whether this socket of ours serves the API with our key and model. Raises EngineMismatch."""
        try:
            status, names = list_models(host, port, self.api_key)
            if status != 200:
                return False
            # After ours: while it loads, llama.cpp has the same answer for every key.
            refused, _ = list_models(host, port, secrets.token_urlsafe(32))
        except (OSError, HTTPException, ValueError):
            return False
        if refused != 401:
            told = f"answers {refused} instead of 401 to a wrong API key"
            hint = f"; was {self._launch.key_variable} kept from it by what starts it?"
            raise EngineMismatch(self._report(told + hint))
        if self._name not in names:
            raise EngineMismatch(self._report(f"serves {names} instead of {self._name!r}"))
        return True

    def _lost(self) -> str:
        """Which ranks on other nodes were lost, as an end of a sentence."""
        lost = self._ranks.report() if self._ranks else ""
        return f" ({lost})" if lost else ""

    def _report(self, what: str, lost: str = "") -> str:
        """A message with the engine's age, its exit code if it has one, and the end of its log."""
        code = self._engine.code
        seconds = time.monotonic() - self._started
        exited = "" if code is None else f" (exit code {code})" if code >= 0 else " (its guardian was killed)"
        said = summary(self._log, self._log_start, {**self._environment(), "API_KEY": self.api_key})
        engine = f"the engine of {self._name!r}"
        return f"{engine} {what}{exited}{lost}, {seconds:.0f} s after its start. From {self._log}:\n{said}"


def health(host: str, port: int, path: str = "/health") -> int:
    """Status of GET /health, or what the engine has in its place. Raises OSError or HTTPException."""
    connection = HTTPConnection(host, port, timeout=PROBE_SECONDS)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


def list_models(host: str, port: int, key: str) -> tuple[int, list[str]]:
    """Status and model names of GET /v1/models. Raises OSError, HTTPException or ValueError."""
    connection = HTTPConnection(host, port, timeout=PROBE_SECONDS)
    try:
        connection.request("GET", "/v1/models", headers={"Authorization": f"Bearer {key}"})
        response = connection.getresponse()
        payload = response.read()
        if response.status != 200:
            return response.status, []
        return response.status, [str(entry["id"]) for entry in json.loads(payload)["data"]]
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a list of models: {error}") from error
    finally:
        connection.close()
