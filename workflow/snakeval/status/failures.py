"""What a failed job has to say for itself: the error at the end of its log, fit for a terminal."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from snakeval.system.files import end_of
from snakeval.system.logs import JOBS_LOG

TAIL, ENDING = 64 << 10, 16 << 10  # bytes at a log's end: in which its error stands, and its last record
LAST_LINES = 5
# Control characters: what a model or a server said may stand in an error, and would speak to the terminal.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# The last records of a script's log (`snakeval.system.logs`): its traceback, then the error alone.
ERROR = re.compile(r"^\d{4}-\d\d-\d\d [\d:,]+ ERROR snakeval: (?!Traceback)", re.MULTILINE)
RECORD = re.compile(r"^\d{4}-\d\d-\d\d [\d:,]+ ([A-Z]+) ", re.MULTILINE)
SIGNALLED = (" snakeval: Interrupted: ", " snakeval: KeyboardInterrupt")


@dataclass(frozen=True, slots=True)
class Failure:
    """Which job failed, why, and the log with the rest."""

    name: str
    cause: str
    log: str | None

    @property
    def first(self) -> str:
        """In one line."""
        return f"{self.name}: {self.cause.partition(chr(10))[0]}"

    def lines(self, alike: int) -> list[str]:
        """In full; so many others failed alike."""
        others = f" (and {alike} more in the same way)" if alike else ""
        cause = self.cause.replace("\n", "\n    ")
        return [f"  {self.name}{others}", f"    {cause}", *([f"    its log: {self.log}"] if self.log else ())]


def failure_of(name: str, logs: Sequence[str], aux: Mapping[str, object]) -> Failure:
    """A failed job's error by its log; `aux` is what an executor adds, such as Slurm's own log."""
    extra = [str(value) for key, value in aux.items() if "log" in key]
    found = [(path, cause) for path in logs if (cause := cause_in(Path(path)))]
    if found:
        return Failure(name, found[0][1], found[0][0])
    others = [path for path in (*extra, *logs) if Path(path).is_file()]
    for path in others:
        if said := _last_lines(Path(path)):
            return Failure(name, said, path)
    said = "it left no log: it was killed, or could not be started"
    return Failure(name, said, str(JOBS_LOG) if JOBS_LOG.is_file() else None)


def cause_in(log: Path) -> str:
    """The error that ended a script, "" where its log has none at its end."""
    text = _tail(log, TAIL)
    found = list(ERROR.finditer(text))
    return printable(text[found[-1].end() :].strip()) if found else ""


def how_ended(log: Path) -> Literal["stopped", "failed"] | None:
    """Whether a job's log ends with an error, or with the signal that stopped it; None for neither."""
    text = _tail(log, ENDING)
    records = list(RECORD.finditer(text))
    if not records or records[-1][1] != "ERROR":
        return None
    last = text[records[-1].start() :]
    return "stopped" if any(word in last for word in SIGNALLED) else "failed"


def _last_lines(log: Path) -> str:
    return printable("\n".join(_tail(log, TAIL).strip().splitlines()[-LAST_LINES:]))


def _tail(log: Path, most: int) -> str:
    try:
        return end_of(log, most)
    except OSError:
        return ""


def printable(text: str) -> str:
    """The text without what a terminal would obey."""
    return CONTROL.sub("?", text.replace("\r\n", "\n"))
