"""Logs of the scripts: everything into the rule's log file, a known error also as one line on stderr."""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path
from types import TracebackType

from snakeval.system.keys import without_keys


class _WithoutKeys(logging.Formatter):
    """Records as they are formatted, tracebacks included, without the keys that this process knows."""

    def format(self, record: logging.LogRecord) -> str:
        return without_keys(super().format(record))


def log_to(path: str) -> None:
    """Send this process' log records, warnings and any traceback to `path`."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, mode="a")
    handler.setFormatter(_WithoutKeys("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    logging.captureWarnings(True)

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        logging.getLogger("snakeval").error("%s", "".join(traceback.format_exception(kind, error, trace)))
        sys.stderr.write(without_keys(f"{kind.__name__}: {error}\n(see {path})\n"))

    sys.excepthook = hook
