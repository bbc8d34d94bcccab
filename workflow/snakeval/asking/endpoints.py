"""Where a model answers: an endpoint that the workflow's own service manages, or one that exists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from snakeval.config.endpoints import api_key, base_urls
from snakeval.schema import Model
from snakeval.system.keys import know


class ServerGone(RuntimeError):
    """The server ended, never came, or refuses this client; the message says why."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Base URLs (with their version, as in /v1) of replicas that serve one model under one name and key.

    The key is in nothing that this process writes from here on (`snakeval.system.keys`).
    """

    base_urls: tuple[str, ...]
    served_model_name: str
    api_key: str | None

    def __post_init__(self) -> None:
        know(self.api_key)
        for url in self.base_urls:
            know(urlsplit(url).password)

    def __repr__(self) -> str:
        return f"Endpoint({self.base_urls}, {self.served_model_name!r}, api_key=...)"


class Handle(Protocol):
    """What a client needs to know of the server behind an endpoint."""

    managed: bool

    def demand(self) -> None:
        """Say that there is something to ask, so that the engine is started."""

    async def wait_ready(self, timeout: float) -> Endpoint:
        """Wait until the server answers, at most `timeout` seconds."""

    def gone(self) -> str | None:
        """Why the server will not answer again, None while it may."""


class ExternalHandle:
    """An endpoint that exists already: a hosted API, or servers that somebody keeps running."""

    managed = False

    def __init__(self, model: Model) -> None:
        self._endpoint = Endpoint(base_urls(model), model.served_model_name or model.model, api_key(model))

    def demand(self) -> None:
        """Nothing to start."""

    async def wait_ready(self, timeout: float) -> Endpoint:
        """The endpoint as configured."""
        return self._endpoint

    def gone(self) -> str | None:
        """Unknown from here; the client gives up when nothing answers."""
        return None
