"""What an engine's log says of its end, fit to be shown: the first errors, the last lines, no secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from snakeval.system.files import end_of

TAIL_LINES = 30
ERRORS = 5
# The start of a load and its end are within it; what a long run logs in between need not be.
LONGEST_READ = 1 << 20
# The last line of a Python traceback, also behind a logger's prefix.
EXCEPTION = re.compile(r"(?:^|\s)((?:\w+\.)*\w*(?:Error|Exception): .+)")
SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL", re.IGNORECASE)
SECRET_LENGTH = 8


def summary(log: Path, start: int, environment: Mapping[str, str]) -> str:
    """The first exceptions and the last lines that were logged from byte `start` on.

    Both, because an engine of several processes ends with the traceback of the one that waited, while
    the cause stands further up. Values of secret variables of `environment` are replaced by ***.
    """
    lines = end_of(log, LONGEST_READ, start).splitlines()
    earlier, tail = lines[:-TAIL_LINES], lines[-TAIL_LINES:]
    named = (found[1] for line in earlier if (found := EXCEPTION.search(line)))
    errors = list(dict.fromkeys(error for error in named if not any(error in line for line in tail)))
    text = "\n".join(tail) or "(nothing was written)"
    if errors:
        text = "\n".join(["errors:", *errors[:ERRORS], "last lines:", text])
    return redact(text, environment)


def redact(text: str, environment: Mapping[str, str]) -> str:
    """The text without the values of environment variables whose names speak of a secret."""
    for name, value in environment.items():
        if SECRET_NAME.search(name) and len(value) >= SECRET_LENGTH:
            text = text.replace(value, "***")
    return text
