"""What is printed last: the table that a run was for, or what has to be typed after one that ended badly.

A run that is killed with -9 prints nothing. What it leaves is met by the next one: a lock, or files that
Snakemake takes for incomplete. Snakemake names the exception that it ends with in its log (`exception`);
the line comes when the process exits, after the places of logs and all else.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import socket
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

HEAD = Path(".snakemake/auxiliary/head.json")
UNLOCK = "`snakemake --unlock`, then run again"
INCOMPLETE = "run again with --rerun-incomplete (profiles/default sets it)"
FAILED = "mend what is named above, if anything is, then run again; rows and files that are complete are kept"


class NextStep(logging.Handler):
    """Listens to Snakemake's log; `failed` is set when jobs have failed."""

    def __init__(self) -> None:
        super().__init__()
        self.failed = False
        self.tables: list[str] = []
        self._ended_with = ""

    def emit(self, record: logging.LogRecord) -> None:
        self._ended_with = getattr(record, "exception", None) or self._ended_with

    def line(self) -> str | None:
        """What to do next, None where that is plain."""
        if self._ended_with == "LockException":
            return _locked()
        if self._ended_with == "IncompleteFilesException":
            return INCOMPLETE
        return FAILED if self.failed else None

    def show(self) -> None:
        line = self.line()
        for text in [*self.tables, *([f"Next: {line}"] if line else ())]:
            sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


# The file with a target's table, and the files that it names below.
TABLES = {
    "summary": ("summary.txt", {"Report": "report.html", "Results": ""}),
    "compare": ("comparisons.md", {"Comparisons": "comparisons.md"}),
    "gate": ("gate.md", {"Gate": "gate.md"}),
}


def tables(targets: Iterable[str], folder: Path) -> list[str]:
    """What a run shows at its end that was asked for these rules' files: their own tables, and no others.

    The tables lie in `folder`.
    """
    wanted = dict.fromkeys("summary" if name in ("all", "report") else name for name in targets)
    found = []
    for table, files in (TABLES[name] for name in wanted if name in TABLES):
        if (path := folder / table).is_file():
            named = (f"{word}: {(folder / file).absolute()}" for word, file in files.items())
            found.append("\n".join([path.read_text(encoding="utf-8").rstrip(), "", *named]))
    return found


def listen(logger: logging.Logger) -> NextStep:
    """Show the line when this process exits."""
    step = NextStep()
    logger.addHandler(step)
    atexit.register(step.show)
    return step


def note_head(settings: Mapping[str, object]) -> None:
    """Note which process runs here, with which settings, for those that find its lock and for `status`."""
    HEAD.parent.mkdir(parents=True, exist_ok=True)
    HEAD.write_text(
        json.dumps({"host": socket.gethostname(), "pid": os.getpid(), "config": dict(settings)}, default=str)
    )


def _locked() -> str:
    if running := heads(Path.cwd()):
        return f"Snakemake runs in this folder (process {running[0]}): wait until it ends, or stop it"
    try:
        noted = json.loads(HEAD.read_text())
        host, pid = str(noted["host"]), int(noted["pid"])
    except (OSError, ValueError, LookupError, TypeError):
        return f"if no Snakemake runs in this folder on another machine: {UNLOCK}"
    if host != socket.gethostname() or _of_somebody_else(pid):
        return f"if process {pid} on {host} no longer runs: {UNLOCK}"
    return f"{UNLOCK} (process {pid}, which locked this folder, is gone)"


def _of_somebody_else(pid: int) -> bool:
    """Whether there is such a process, of which nothing can be seen."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def heads(folder: Path, proc: Path = Path("/proc")) -> list[int]:
    """Other processes of this machine that run Snakemake in a folder; their jobs are none."""
    found = []
    for entry in proc.glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            here = (entry / "cwd").resolve() == folder
        except OSError:
            continue  # it has ended, or is somebody else's
        first, *others = (Path(word).name for word in words[:3])
        named = first == "snakemake" or (first.startswith("python") and "snakemake" in others)
        named = named and "--mode" not in words
        if here and named and int(entry.name) != os.getpid():
            found.append(int(entry.name))
    return sorted(found)
