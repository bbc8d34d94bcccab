"""Files written whole or not at all; the end of one that is still written."""

from __future__ import annotations

import functools
import itertools
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from zlib import crc32

from snakeval.system.origin import keep
from snakeval.system.processes import DEAD, machine, process

DAMAGED = ".damaged"
"""Ends the name of a file that was moved away because nothing could be read from it."""
_serial = itertools.count()


@contextmanager
def replacing(path: Path, durable: bool = True) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success it is flushed to disk and renamed to `path`,
    with what it is of (`snakeval.system.origin`).

    A reader never sees half a file, and two writers never share one. What a killed writer left behind is
    removed. Not `durable`, after a failure of the machine the file may have any content.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(path)
    temporary = path.with_name(f".{path.name}.{_here()}-{next(_serial)}-{os.getpid()}.tmp")
    try:
        yield temporary
        keep(path, temporary)
        if durable:
            with temporary.open("rb") as handle:
                os.fsync(handle.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def link(output: Path, name: Path) -> None:
    """A second name for a file, or a copy where it can't have one; on a full disk neither."""
    name.parent.mkdir(parents=True, exist_ok=True)
    with suppress(OSError):
        name.unlink(missing_ok=True)
        try:
            os.link(output, name)
        except OSError:
            shutil.copy2(output, name)


def _remove_leftovers(path: Path) -> None:
    """Remove the temporary files of writers of `path` that were killed on this machine.

    Names of earlier versions have a process' id alone.
    """
    left = re.compile(rf"\.{re.escape(path.name)}\.(?:{_here()}-\d+-)?(\d+)\.tmp")
    with os.scandir(path.parent) as entries:
        found = [(entry.path, match[1]) for entry in entries if (match := left.fullmatch(entry.name))]
    for name, pid in found:
        owner = process(int(pid))
        if owner is None or owner.state in DEAD:
            with suppress(OSError):
                Path(name).unlink()


@functools.cache
def _here() -> str:
    """Short for where a process' id says who it is: this start of this machine, and this name space."""
    namespace = Path("/proc/self/ns/pid")
    return f"{crc32(f'{machine()} {namespace.readlink() if namespace.exists() else None}'.encode()):08x}"


def end_of(log: Path, most: int, start: int = 0) -> str:
    """The text of the last `most` bytes, at the earliest from byte `start` on. Raises OSError."""
    with log.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(start, size - most))
        return file.read().decode(errors="replace")
