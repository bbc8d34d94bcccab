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


def into_file() -> None:
    """Have what this process and its children write to standard error in a file, not in the terminal."""
    with suppress(OSError):
        JOBS_LOG.parent.mkdir(parents=True, exist_ok=True)
        with JOBS_LOG.open("ab") as file:
            os.dup2(file.fileno(), 2)


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
