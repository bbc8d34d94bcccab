"""Logs of the scripts: everything into the rule's log file, a known error also as one line on stderr."""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path
from types import TracebackType


def log_to(path: str) -> None:
    """Send this process' log records, warnings and any traceback to `path`."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(
        filename=path,
        filemode="a",
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        force=True,
    )
    logging.captureWarnings(True)

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        logging.getLogger("snakeval").error("%s", "".join(traceback.format_exception(kind, error, trace)))
        sys.stderr.write(f"{kind.__name__}: {error}\n(see {path})\n")

    sys.excepthook = hook
