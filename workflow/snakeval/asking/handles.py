"""Whom a model's requests go to, and how many at once, as its file says."""

from __future__ import annotations

from pathlib import Path

from snakeval.asking.ask import Limits
from snakeval.asking.endpoints import ExternalHandle, Handle
from snakeval.asking.kept import KeptHandle
from snakeval.asking.service import ServiceHandle
from snakeval.config import Model


def limits_of(model: Model) -> Limits:
    """How to ask a model, from its file."""
    return Limits(
        concurrency=model.concurrency,
        max_attempts=model.max_attempts,
        request_timeout=model.request_timeout,
        start_timeout=model.start_timeout,
        lease_timeout=model.lease_timeout,
        hosted=model.hosted,
    )


def handle_of(model: Model, service: Path | None) -> Handle:
    """The server behind a model: the workflow's service, or an endpoint that exists."""
    if service is None:
        return KeptHandle(model.server, model.served_model_name) if model.server else ExternalHandle(model)
    return ServiceHandle(service, model.served_model_name if model.adapter else None)
