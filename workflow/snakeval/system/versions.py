"""The version of a program: asked once, and remembered for as long as its files stay as they are."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from snakeval.system.files import write_text
from snakeval.system.guarded import Guarded

# A large program on a file system that is slow, or busy, takes minutes to load for the first time.
SECONDS = 300.0
POLL_SECONDS = 0.05
# The line with a version and nothing else but the program's name: modules and wrappers print lines of theirs.
VERSION = re.compile(r"(?:[A-Za-z][\w.-]*\s+)?(?:version\s+)?v?(\d+(?:\.\w+)+(?:[+!-][\w.+-]+)?)")


class VersionError(RuntimeError):
    """A program does not tell its version; the message says why."""


def version_of(command: Sequence[str], memory: Path, seconds: float = SECONDS) -> str:
    """What a command says with `--version`; `memory` is the folder of what commands have said before.

    It is asked again when a file that it names, or the environment that a program of it stands in, has
    changed. Raises VersionError when it says nothing within `seconds`.
    """
    if known := remembered(command, memory):
        return known
    version = _ask(command, seconds)
    with suppress(OSError):  # a folder that can't be written to: it is asked again the next time
        note = {"command": list(command), "version": version}
        write_text(_note(command, memory), json.dumps(note) + "\n")
    return version


def remembered(command: Sequence[str], memory: Path) -> str | None:
    """What the command has said before, None when that does not hold, or nobody has asked."""
    try:
        return str(json.loads(_note(command, memory).read_text(encoding="utf-8"))["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def file_of(word: str, root: Path = Path()) -> Path | None:
    """The file that a word of a command names, below `root`; None for what is none, such as a long script."""
    with suppress(OSError, RuntimeError):  # too long for a file's name; the home of nobody
        path = (root / Path(word).expanduser()).absolute()
        return path if path.is_file() else None
    return None


def _note(command: Sequence[str], memory: Path) -> Path:
    state = json.dumps([list(command), *_state(command)])
    return memory / f"{hashlib.sha256(state.encode()).hexdigest()[:16]}.json"


def _state(command: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    """Name, size and time of the files that a command names, and of their environments' packages."""
    for index, word in enumerate(command):
        found = shutil.which(word) if index == 0 else word
        path = file_of(found) if found else None
        if path is None:
            continue
        for each in (path, *sorted(path.resolve().parent.parent.glob("lib/python3*/site-packages"))):
            status = each.stat()
            yield str(each), status.st_size, status.st_mtime_ns


def _ask(command: Sequence[str], seconds: float) -> str:
    with tempfile.TemporaryFile() as output:
        asked = Guarded([*command, "--version"], os.environ, grace=0)
        deadline = time.monotonic() + seconds
        try:
            asked.start(output)
            while asked.code is None and time.monotonic() < deadline:
                time.sleep(POLL_SECONDS)
            code = asked.code
        finally:
            asked.stop()
        output.seek(0)
        lines = [line.strip() for line in output.read().decode(errors="replace").splitlines()]
    if code is None:
        raise VersionError(f"did not tell its version within {seconds:g} s")
    matches = [match for line in lines if (match := VERSION.fullmatch(line))]
    if code == 0 and matches:
        return matches[-1][1]
    said = next(filter(None, reversed(lines)), "it printed nothing")
    raise VersionError(f"does not tell its version (exit code {code}): {said[:300]}")
