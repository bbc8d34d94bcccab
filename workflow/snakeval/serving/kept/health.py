"""Ask a server whether it is what its entry says: it answers, to our key alone, under the model's name."""

from __future__ import annotations

import secrets
from http.client import HTTPException
from urllib.parse import urlsplit

from snakeval.serving.server import health, list_models
from snakeval.system.keys import know, without_keys


def unhealthy(base_url: str, key: str, served_model_name: str) -> str | None:
    """Why requests to a server would fail or go astray, None if it is as it should be; at most 15 s."""
    know(key)
    why = _why(base_url, key, served_model_name)
    return None if why is None else without_keys(why)


def _why(base_url: str, key: str, served_model_name: str) -> str | None:
    where = urlsplit(base_url)
    host, port = where.hostname or "", where.port or 80
    try:
        status = health(host, port)
        if status != 200:
            return f"/health answers {status}"
        refused, _ = list_models(host, port, secrets.token_urlsafe(32))
        status, names = list_models(host, port, key)
    except (OSError, HTTPException, ValueError) as error:
        return f"no answer: {error}"
    if status != 200:
        return f"/v1/models answers {status} to our key: somebody else's server"
    if refused != 401:
        return f"/v1/models answers {refused} instead of 401 to a wrong key"
    if served_model_name not in names:
        return f"serves {', '.join(names) or 'nothing'} instead of {served_model_name}"
    return None
