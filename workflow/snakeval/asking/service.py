"""A consumer's view of a service: ask for the engine, wait for it, notice that it is gone."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import suppress
from pathlib import Path

from snakeval.asking.endpoints import Endpoint, ServerGone
from snakeval.serving.service import DEMAND, Record, own_file, read_record
from snakeval.system import processes

POLL_SECONDS = 0.2
# The file that Snakemake saw may have been another run's: that long the own service may take to start.
PATIENCE_SECONDS = 60.0


class ServiceHandle:
    """The service behind results/services/.../MODEL.json, for a consumer that the same workflow started."""

    managed = True

    def __init__(self, path: Path, name: str | None = None) -> None:
        """`name` is what requests call the model, where that is not what the server calls its own."""
        self._path = path
        self._name = name
        self._own: Path | None = None
        self._since = time.monotonic()
        self._demanded = False

    def demand(self) -> None:
        """Have the engine started if it is not, once the service is there. Raises ServerGone."""
        self._demanded = True
        self._check()

    async def wait_ready(self, timeout: float) -> Endpoint:
        """Wait until the engine answers, at most `timeout` seconds. Raises ServerGone.

        After an engine has been started again this is another URL and key.
        """
        deadline = time.monotonic() + timeout
        while True:
            self._check()
            if endpoint := self._endpoint():
                return endpoint
            if time.monotonic() > deadline:
                raise ServerGone(f"{self._path}: the engine was not ready within {timeout:g} s")
            await asyncio.sleep(POLL_SECONDS)

    def gone(self) -> str | None:
        """Why the service will not answer again, None while it may."""
        own = self._find()
        if own is None:
            patient = time.monotonic() - self._since < PATIENCE_SECONDS
            return None if patient else f"{self._path}: this run's service has ended, or never started"
        try:
            record = read_record(own)
        except (OSError, ValueError) as error:
            return f"the service has ended: {error}"
        if record.state == "failed":
            return record.error
        if not processes.alive(record.pid, record.pid_start):
            return f"the service (process {record.pid}) was killed; its log is {record.log}"
        return None

    def _find(self) -> Path | None:
        """This run's copy of the file; once found it stays, whatever becomes of the ancestors."""
        if self._own is None:
            ancestors = processes.ancestry(os.getpid())
            copies = (own_file(self._path, ancestor.pid, ancestor.start) for ancestor in ancestors)
            self._own = next((copy for copy in copies if copy.exists()), None)
        return self._own

    def _check(self) -> None:
        if reason := self.gone():
            raise ServerGone(reason)
        if self._demanded and self._own:
            with suppress(OSError, ValueError):  # it ends just now, which the next look will tell
                Path(read_record(self._own).control, DEMAND).touch()
                self._demanded = False

    def _endpoint(self) -> Endpoint | None:
        if self._own is None:
            return None
        try:
            record: Record = read_record(self._own)
        except (OSError, ValueError):
            return None
        if record.state != "ready" or not processes.alive(record.engine_pid, record.engine_start):
            return None
        return Endpoint(record.base_urls, self._name or record.served_model_name, record.api_key)
