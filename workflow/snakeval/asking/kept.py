"""A client's view of a model's kept servers: it waits for healthy ones, and notices when none is left."""

from __future__ import annotations

import asyncio
import time

from snakeval.asking.endpoints import Endpoint, ServerGone
from snakeval.config.endpoints import servers_folder
from snakeval.serving.kept import registry
from snakeval.serving.kept.health import unhealthy
from snakeval.serving.kept.registry import LIVE, Server

POLL_SECONDS = 2.0
# Many clients may ask at once, and squeue asks a controller that serves the whole cluster.
LOOK_EVERY_SECONDS = 10.0


class KeptHandle:
    """The kept servers of one model; each is a replica. Requests go to those that are healthy."""

    managed = False

    def __init__(self, model: str, served_model_name: str | None) -> None:
        self._model = model
        self._name = served_model_name
        self._looked = float("-inf")
        self._servers: list[Server] = []

    def demand(self) -> None:
        """They run already. Raises ServerGone if none lives."""
        if reason := self.gone():
            raise ServerGone(reason)

    async def wait_ready(self, timeout: float) -> Endpoint:
        """Wait until one is healthy, at most `timeout` seconds: a job may be queued, an engine restarted."""
        deadline = time.monotonic() + timeout
        while True:
            if reason := self.gone():
                raise ServerGone(reason)
            if endpoint := await asyncio.to_thread(self._healthy):
                return endpoint
            if time.monotonic() > deadline:
                raise ServerGone(
                    f"no server of {self._model} was healthy within {timeout:g} s: {self._told()}"
                )
            await asyncio.sleep(POLL_SECONDS)

    def gone(self) -> str | None:
        """Why none of them will answer again, None while one may."""
        if time.monotonic() - self._looked > LOOK_EVERY_SECONDS:
            self._servers, self._looked = registry.servers(self._model), time.monotonic()
        if not self._servers:
            return (
                f"no server of '{self._model}' is kept in {servers_folder()}: start one, or was it cancelled?"
            )
        alive = any(server.status in LIVE for server in self._servers)
        return None if alive else f"no server of '{self._model}' lives: {self._told()}"

    def _healthy(self) -> Endpoint | None:
        """The endpoint of those that answer as they should."""
        try:
            key = registry.key_file(self._model).read_text(encoding="utf-8").strip()
        except OSError:
            return None
        names = {server.served_model_name for server in self._servers}
        good = [
            server.url
            for server in self._servers
            if server.url and unhealthy(server.url, key, self._name or server.served_model_name) is None
        ]
        return Endpoint(tuple(good), self._name or names.pop(), key) if good else None

    def _told(self) -> str:
        return "; ".join(f"{entry.name}: {entry.status} {entry.why}".strip() for entry in self._servers)
