"""A consumer's view of a service: ask for the engine, wait for it, notice that it is gone."""

from __future__ import annotations

import asyncio
import socket
import time
from pathlib import Path

from snakeval import processes
from snakeval.endpoints import Endpoint, ServerGone
from snakeval.service import DEMAND, Record, read_record

POLL_SECONDS = 0.2


class ServiceHandle:
    """The service behind results/services/.../MODEL.json, for one of its consumers."""

    managed = True

    def __init__(self, path: Path) -> None:
        self._path = path

    def demand(self) -> None:
        """Have the engine started if it is not. Raises ServerGone."""
        if reason := self.gone():
            raise ServerGone(reason)
        Path(read_record(self._path).control, DEMAND).touch()

    async def wait_ready(self, timeout: float) -> Endpoint:
        """Wait until the engine answers, at most `timeout` seconds. Raises ServerGone.

        After an engine has been started again this is another URL and key.
        """
        deadline = time.monotonic() + timeout
        while True:
            if reason := self.gone():
                raise ServerGone(reason)
            if endpoint := self._endpoint():
                return endpoint
            if time.monotonic() > deadline:
                raise ServerGone(f"{self._path}: the engine was not ready within {timeout:g} s")
            await asyncio.sleep(POLL_SECONDS)

    def gone(self) -> str | None:
        """Why the service will not answer again, None while it may."""
        try:
            record = read_record(self._path)
        except (OSError, ValueError) as error:
            return f"the service has ended: {error}"
        if record.state == "failed":
            return record.error
        if record.host != socket.gethostname():
            return f"{self._path}: the service runs on {record.host}, this is {socket.gethostname()}"
        if not processes.alive(record.pid, record.pid_start):
            return f"the service (process {record.pid}) was killed; its log is {record.log}"
        return None

    def _endpoint(self) -> Endpoint | None:
        try:
            record: Record = read_record(self._path)
        except (OSError, ValueError):
            return None
        if record.state != "ready" or not processes.alive(record.engine_pid, record.engine_start):
            return None
        return Endpoint(record.base_urls, record.served_model_name, record.api_key)
