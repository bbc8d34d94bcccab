"""Where Snakemake has no record of an output, or one of another file, what the output carries is its record.

Snakemake decides by its records in .snakemake/: without one, nothing but times makes an output stale, and
results of another configuration pass for fresh. `adopt` looks at every output before the DAG is built:

1. A record that Snakemake made of this very file, by its time of modification: it counts, as ever.
2. The output carries its spec and inputs (`snakeval.system.origin`): they become the record, unless it says
   the same. Snakemake compares it with the configuration: equal is fresh, different is stale.
3. It carries none, and there is a record: it counts. Earlier versions wrote no spec.
4. It carries none, and there is no record: the record says so, and so the output is stale.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from snakeval.dag.retries import known_here
from snakeval.system import origin

if TYPE_CHECKING:  # takes long; whoever parses the workflow has it
    from snakemake.persistence import MetadataRecord

UNKNOWN = repr("unknown: the file does not say what it is of")
FORMAT = 6  # of Snakemake's records, since which their params are compared
ROOT = "results"


class Records(Protocol):
    """Snakemake's records of outputs, by path."""

    def _read_record(self, key: str) -> MetadataRecord | None: ...

    def _write_record(self, key: str, record: MetadataRecord) -> None: ...


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
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                path = entry.path
                near = [p for p in known if path.startswith(p.start) or p.start.startswith(f"{path}/")]
                if not near or entry.name.startswith("."):
                    continue
                if rule := next((p.rule for p in near if p.path.match(path)), None):
                    yield path, rule
                elif path.count("/") < deepest and entry.is_dir():
                    folders.append(path)


def adopt(found: Iterable[tuple[str, str]], records: Records) -> list[str]:
    """Bring Snakemake's records in line with what outputs carry; returns those of which nothing is known."""
    nameless = []
    for path, rule in found:
        record = records._read_record(path)
        time = _modified(path)
        unknown = record is None or record.params == [UNKNOWN]
        if record is not None and record.endtime == time and not unknown:
            continue
        carried = origin.read(path)
        if carried is None:
            if not unknown:
                continue
            nameless.append(path)
        params = UNKNOWN if carried is None else repr(known_here(carried.spec, path))
        if record is None or record.params != [params]:
            records._write_record(path, _record(rule, params, time, carried))
    return nameless


def _modified(path: str) -> float:
    """The time that Snakemake records: of a folder, that of the file in it which says so."""
    try:
        return os.stat(f"{path}/.snakemake_timestamp").st_mtime  # noqa: PTH116 - thousands of calls
    except (FileNotFoundError, NotADirectoryError):
        return os.stat(path).st_mtime  # noqa: PTH116


def _record(rule: str, params: str, time: float, carried: origin.Origin | None) -> MetadataRecord:
    from snakemake.persistence import MetadataRecord

    inputs = carried.inputs if carried else None
    return MetadataRecord(
        rule=rule,
        input=None if inputs is None else sorted(inputs),
        log=[],
        params=[params],
        record_format_version=FORMAT,
        starttime=time,
        endtime=time,
        incomplete=False,
        input_checksums={name: digest for name, digest in (inputs or {}).items() if digest},
    )


def warning(nameless: Sequence[str]) -> str:
    """The line that says why outputs are stale that nothing is known of."""
    others = f" and {len(nameless) - 1} other outputs" if len(nameless) > 1 else ""
    return (
        f"{min(nameless)}{others}: nothing says what they are of (written by an earlier version, and copied "
        "without .snakemake/), so they are stale. If they are of this configuration, `snakemake --touch` "
        "says so."
    )
