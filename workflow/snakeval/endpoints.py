"""Where a model answers: an endpoint that the workflow's own service manages, or one that exists."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from snakeval.config import Model

FALLBACK_VARIABLES = ("OPENAI_API_BASE", "SGLANG_API_BASES")
KEY_FILE_VARIABLE = "OPENAI_API_KEY_FILE"


class ServerGone(RuntimeError):
    """The server ended, never came, or refuses this client; the message says why."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Base URLs (with their version, as in /v1) of replicas that serve one model under one name and key."""

    base_urls: tuple[str, ...]
    served_model_name: str
    api_key: str | None

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


def base_urls(model: Model) -> tuple[str, ...]:
    """The configured base URLs, or those of the environment; /v1 is added to one without a version."""
    given = model.base_urls or next(
        (tuple(os.environ[name].split(",")) for name in FALLBACK_VARIABLES if os.environ.get(name)), ()
    )
    cleaned = (url.strip().rstrip("/") for url in given)
    return tuple(url if re.search(r"/v\d[^/]*(/|$)", url) else f"{url}/v1" for url in cleaned if url)


def api_key(model: Model) -> str | None:
    """The key in the variable or the file that the model names; never written anywhere. Raises ValueError.

    Where the URLs come from the environment, so does the name of the file.
    """
    if model.api_key_env:
        return os.environ.get(model.api_key_env, "").strip() or None
    file = model.api_key_file or (None if model.base_urls else os.environ.get(KEY_FILE_VARIABLE))
    return read_key(Path(file)) if file else None


def read_key(path: Path) -> str:
    """The key in a file that nobody else may read. Raises ValueError, with words that hold no key."""
    try:
        mode = path.stat().st_mode & 0o777
        key = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"the key's file can't be read: {error}") from error
    if mode & 0o077:
        raise ValueError(f"the key's file {path} has mode {mode:03o}, others may read it: chmod 600 {path}")
    if not key or len(key.split()) > 1:
        raise ValueError(f"the key's file {path} must hold one line, the key")
    return key
