"""Where a model answers that exists already, as its file and the environment say: URLs, key, kept servers."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from snakeval.schema import Model

FALLBACK_VARIABLES = ("OPENAI_API_BASE", "SGLANG_API_BASES")
KEY_FILE_VARIABLE = "OPENAI_API_KEY_FILE"
FOLDER_VARIABLE = "SNAKEVAL_SERVERS"
OWN_NAMES = frozenset({"localhost", "::1", "0.0.0.0", "127.0.0.1"})
USUAL_PORTS = {"http": 80, "https": 443}


def base_urls(model: Model) -> tuple[str, ...]:
    """The configured base URLs, or those of the environment; /v1 is added to one without a version."""
    given = model.base_urls or next(
        (tuple(os.environ[name].split(",")) for name in FALLBACK_VARIABLES if os.environ.get(name)), ()
    )
    cleaned = (url.strip().rstrip("/") for url in given)
    return tuple(_with_version(url) for url in cleaned if url)


def _with_version(url: str) -> str:
    return url if re.search(r"/v\d[^/]*(/|$)", url) else f"{url}/v1"


def identifying(model: Model) -> tuple[str, ...] | None:
    """What of a model's URLs is part of what its outputs are of.

    A model is known by its name, and its first URL, in its normal form, says whose it is: a further replica,
    `/v1`, a slash at the end, another name of this machine change nothing. With `urls_count` all count, as
    written.
    """
    if not model.base_urls or model.urls_count:
        return model.base_urls
    return (normal(model.base_urls[0]),)


def normal(url: str) -> str:
    """The one form of a URL: lower case, this machine as localhost, no usual port, with its version."""
    parts = urlsplit(url.strip())
    host = (parts.hostname or "").rstrip(".")
    host = "localhost" if host in OWN_NAMES else f"[{host}]" if ":" in host else host
    port = "" if parts.port in (None, USUAL_PORTS.get(parts.scheme)) else f":{parts.port}"
    path = re.sub(r"/{2,}", "/", parts.path).rstrip("/")
    return _with_version(f"{parts.scheme}://{host}{port}{path}")


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


def servers_folder() -> Path:
    """The folder with an entry for each server that is kept beyond a run (`snakeval.serving.kept`)."""
    return Path(os.environ.get(FOLDER_VARIABLE) or ".servers").absolute()


def kept_models() -> list[str]:
    """The models that have a kept server's entry, alive or not: for a look that asks nobody."""
    return sorted({path.parent.parent.name for path in servers_folder().glob("*/*/server.json")})
