"""Where Snakemake has no record of an output, or one of another file, what the output carries is its record.

Snakemake decides by its records in .snakemake/: without one, nothing but times makes an output stale, and
results of another configuration pass for fresh. `adopt` looks at every output before the DAG is built:

1. A record that Snakemake made of this very file, by its time of modification: it counts, as ever.
2. The output carries its spec and inputs (`snakeval.system.origin`): they become the record. Snakemake
   compares it with the configuration: equal is fresh, different is stale.
3. It carries none, and there is a record that was copied along with it, or that knows no time: it counts.
   Earlier versions wrote no spec.
4. It carries none, and there is no record, or one that stayed where it was while another file took the place
   of its output: the record says that nothing is known, and so the output is stale.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from snakemake.persistence import MetadataRecord, PersistenceBase
from snakemake.persistence.file import FilePersistence

from snakeval.dag.retries import known_here
from snakeval.system import origin
from snakeval.system.origin import Origin

UNKNOWN = repr("unknown: the file does not say what it is of")
FORMAT = 6  # of Snakemake's records, since which their params are compared
ROUNDED = 2.0  # seconds
SOON = 3600.0  # seconds within which Snakemake records an output, and a folder is copied
ROOT = "results"
SHARED = 0o660  # as Snakemake's own records are, for groups that share a folder


@dataclass(frozen=True, slots=True)
class Pattern:
    """An output of a rule that has a spec; `start` is the part of its path before the first wildcard,
    `depth` the number of folders that it is in."""

    rule: str
    start: str
    path: re.Pattern[str]
    depth: int


def patterns(rules: Iterable[Any]) -> list[Pattern]:
    """The outputs of Snakemake's rules that have a spec, but those that are temporary."""
    return [
        Pattern(rule.name, str(output).split("{")[0], output.regex(), str(output).count("/"))
        for rule in rules
        if "spec" in rule.params.keys()  # noqa: SIM118 - no mapping
        for output in rule.output
        if "temp" not in output.flags
    ]


def outputs(known: Sequence[Pattern], root: str = ROOT) -> Iterator[tuple[str, str]]:
    """The outputs that are there, each with its rule; a path of several rules has the first one's."""
    deepest = max((pattern.depth for pattern in known), default=0)  # or a loop of links has no end
    folders = [root]
    while folders:
        for name, path in _entries(folders.pop()):
            near = [p for p in known if path.startswith(p.start) or p.start.startswith(f"{path}/")]
            if not near or name.startswith("."):
                continue
            if rule := next((p.rule for p in near if p.path.match(path)), None):
                yield path, rule
            elif path.count("/") < deepest and os.path.isdir(path):  # noqa: PTH112 - thousands of calls
                folders.append(path)


def _entries(folder: str) -> list[tuple[str, str]]:
    """The names in a folder, and their paths; none where it can't be read."""
    try:
        with os.scandir(folder) as entries:
            return [(entry.name, entry.path) for entry in entries]
    except OSError:
        return []


def adopt(found: Iterable[tuple[str, str]], kept: PersistenceBase) -> list[str]:
    """Bring Snakemake's records in line with what outputs carry; returns those of which nothing is known."""
    nameless = []
    for path, rule in found:
        time = _modified(path)
        if time is None:
            continue
        record = kept._read_record(path)
        of_this_file = record is not None and record.endtime == time
        known = record is not None and record.params != [UNKNOWN]
        if of_this_file and known:
            continue
        carried = origin.read(path)
        if carried is None:
            if known and record is not None and not _replaced(kept, path, time, record.endtime):
                continue
            nameless.append(path)
        if not (carried is None and of_this_file):
            _write(kept, path, _record(rule, path, time, carried))
    return nameless


def _replaced(kept: PersistenceBase, path: str, time: float, recorded: float | None) -> bool:
    """Whether a file of this time has taken the place of the one that a record is of.

    It has where it is older, by more than archives round times. Where it is later, it may be that one, copied
    without its times; but then so was the record, which else is as old as what it is of.
    """
    if not recorded or abs(time - recorded) <= ROUNDED:
        return False
    if time < recorded or not isinstance(kept, FilePersistence):
        return time < recorded
    record = _modified(kept._record_path(kept._metadata_path, path))
    return record is not None and record - recorded < SOON and time - record > SOON


def _modified(path: str) -> float | None:
    """The time that Snakemake records: of a folder, that of the file in it which says so.

    None for what is gone meanwhile, or is no file and no folder: nothing is read of it.
    """
    try:
        found = os.stat(path)  # noqa: PTH116 - thousands of calls
    except OSError:
        return None
    if stat.S_ISDIR(found.st_mode):
        stamp = Path(path, ".snakemake_timestamp")
        return stamp.stat().st_mtime if stamp.exists() else found.st_mtime
    return found.st_mtime if stat.S_ISREG(found.st_mode) else None


def _record(rule: str, path: str, time: float, carried: Origin | None) -> dict[str, Any]:
    """What Snakemake compares: params, the inputs' names, and the contents of those that are newer."""
    inputs = carried.inputs if carried else None
    return {
        "rule": rule,
        "input": None if inputs is None else sorted(inputs),
        "log": [],
        "params": [repr(known_here(carried.spec, path)) if carried else UNKNOWN],
        "record_format_version": FORMAT,
        "starttime": time,
        "endtime": time,
        "incomplete": False,
        "input_checksums": {name: each for name, each in (inputs or {}).items() if each},
    }


def _write(kept: PersistenceBase, path: str, record: Mapping[str, Any]) -> None:
    """Write a record as Snakemake does; to a file, without its validation, in a fraction of the time."""
    if not isinstance(kept, FilePersistence):
        kept._write_record(path, MetadataRecord(**record))
        return
    name = kept._record_path(kept._metadata_path, path)
    try:
        file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, SHARED)
    except FileNotFoundError:  # a long name is split into folders
        Path(name).parent.mkdir(parents=True)
        file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, SHARED)
    try:
        os.write(file, json.dumps(record).encode())
        if (mode := os.fstat(file).st_mode) & SHARED != SHARED:
            os.fchmod(file, stat.S_IMODE(mode) | SHARED)
    finally:
        os.close(file)


def warning(nameless: Sequence[str]) -> str:
    """The line that says why outputs are stale that nothing is known of."""
    others = f" and {len(nameless) - 1} other outputs" if len(nameless) > 1 else ""
    return (
        f"{min(nameless)}{others}: nothing says what they are of (written by an earlier version, and copied "
        "without its .snakemake/), so they are stale. If they are of this configuration, `snakemake --touch` "
        "says so."
    )
