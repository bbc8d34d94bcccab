"""What the servers of a run are doing, by the files of their services."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable
from pathlib import Path

from snakeval.serving.loading import phase
from snakeval.system import processes

ORDER = ("answering", "loading", "waiting", "failed")


def doing(services: Iterable[str]) -> str:
    """What the service that is furthest is doing; "" where none runs."""
    found = [said for path in services if (said := _doing(Path(path)))]
    return min(found, key=lambda said: ORDER.index(said.partition(":")[0]), default="")


def _doing(path: Path) -> str:
    """One service; one whose process is seen to be gone is none."""
    try:
        record = json.loads(path.read_bytes())
        state, log = record["state"], Path(record["log"])
        here = record["host"] == socket.gethostname()
        gone = here and not processes.alive(record["pid"], record["pid_start"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    if gone:
        return ""
    if state == "starting":
        return f"loading: {phase(log)}"
    return {"waiting": "waiting", "ready": "answering", "failed": "failed"}.get(state, "")
