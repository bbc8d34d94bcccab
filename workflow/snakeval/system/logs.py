"""Logs of the scripts: everything into the rule's log file, a known error also as one line on stderr."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TextIO

from snakeval.system.keys import without_keys

SHOWN = "SNAKEVAL_TERMINAL"
JOBS_LOG = Path(".snakemake/log/jobs.log")


class _WithoutKeys(logging.Formatter):
    """Records as they are formatted, tracebacks included, without the keys that this process knows."""

    def format(self, record: logging.LogRecord) -> str:
        return without_keys(super().format(record))


def announce(stream: TextIO) -> None:
    """Say to the processes that this one starts that it shows, on this stream, why a job has failed."""
    with suppress(OSError, ValueError):
        os.environ[SHOWN] = _which(stream.fileno())


def shown_by_another() -> bool:
    """Whether what this process writes to standard error goes where a run shows why its jobs failed."""
    try:
        return os.environ.get(SHOWN) == _which(2)
    except OSError:
        return False


def into_file(logger: logging.Logger) -> None:
    """Have what a job's own Snakemake says of its failure in a file, not in the terminal."""
    for handler in logger.handlers:
        if isinstance(handler, logging.StreamHandler) and not isinstance(handler, logging.FileHandler):
            with suppress(OSError):
                JOBS_LOG.parent.mkdir(parents=True, exist_ok=True)
                handler.setStream(JOBS_LOG.open("a", encoding="utf-8"))


def _which(descriptor: int) -> str:
    found = os.fstat(descriptor)
    return f"{found.st_dev}:{found.st_ino}:{found.st_rdev}"


def log_to(path: str) -> None:
    """Send this process' log records, warnings and any traceback to `path`."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, mode="a")
    handler.setFormatter(_WithoutKeys("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    logging.captureWarnings(True)

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        logger = logging.getLogger("snakeval")
        logger.error("%s", "".join(traceback.format_exception(kind, error, trace)))
        logger.error("%s: %s", kind.__name__, error)
        if not shown_by_another():
            sys.stderr.write(without_keys(f"{kind.__name__}: {error}\n(see {path})\n"))

    sys.excepthook = hook
