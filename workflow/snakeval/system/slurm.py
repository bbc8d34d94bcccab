"""What a cluster consists of, as Slurm's own programs tell it."""

from __future__ import annotations

import getpass
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

ASK_SECONDS = 60
_PAIR = re.compile(r"(\S+?)=(\S*)")
_SOCKETS = re.compile(r"\([^)]*\)")
_TIME = re.compile(r"(?:(\d+)-)?(\d+)(?::(\d+))?(?::(\d+))?")
# Nodes that nobody can use: declared for later, or in a cloud that has not started them under this name.
_ABSENT = ("FUTURE", "UNKNOWN")


class NoSlurmError(OSError):
    """Slurm's programs are not here, or do not answer."""


@dataclass(frozen=True, slots=True)
class Node:
    """`memory_mb` is what jobs may have of it; `gpus` counts them by type, "" where the type has no name."""

    name: str
    partitions: tuple[str, ...]
    processors: int
    memory_mb: int
    gpus: Mapping[str, int]
    features: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Partition:
    """`minutes` is the longest that a job may take, None without a limit.

    `tier` is what other partitions' jobs are preempted by, where theirs is higher and `preemptible` is set.
    `accounts` is None where every account may use it.
    """

    name: str
    default: bool
    up: bool
    minutes: int | None
    tier: int
    preemptible: bool
    accounts: frozenset[str] | None


def accounts() -> tuple[str, ...]:
    """This user's accounts, the default first; none where Slurm keeps no accounts. Raises NoSlurmError."""
    user = getpass.getuser()
    listed = ("sacctmgr", "--noheader", "--parsable2", "list")
    try:
        default = ask(*listed, "user", f"name={user}", "format=defaultaccount").split()
        others = ask(*listed, "associations", f"user={user}", "format=account").split()
    except NoSlurmError:
        if shutil.which("scontrol") is None:
            raise
        return ()
    return tuple(dict.fromkeys([*default, *others]))


def nodes() -> list[Node]:
    """Every node that there is. Raises NoSlurmError."""
    return parse_nodes(ask("scontrol", "--oneliner", "show", "node"))


def partitions() -> list[Partition]:
    """The partitions that this user's groups may use. Raises NoSlurmError."""
    preempts = "preempt/partition_prio" in ask("scontrol", "show", "config")
    found = parse_partitions(ask("scontrol", "--oneliner", "show", "partition"), preempts)
    usable = ask("sinfo", "--noheader", "--format=%R").split()
    return [partition for partition in found if partition.name in usable]


def parse_nodes(text: str) -> list[Node]:
    """The nodes in what `scontrol --oneliner show node` prints."""
    found = []
    for entry in _entries(text, "NodeName"):
        if entry.get("State", "").startswith(_ABSENT):
            continue
        reserved = int(entry.get("MemSpecLimit", "0"))
        found.append(
            Node(
                entry["NodeName"],
                tuple(name for name in entry.get("Partitions", "").split(",") if name),
                int(entry.get("CPUEfctv") or entry.get("CPUTot") or 1),
                int(entry.get("RealMemory", "0")) - reserved,
                gpus_in(entry.get("Gres", "")),
                tuple(name for name in entry.get("AvailableFeatures", "").split(",") if name != "(null)"),
            )
        )
    return found


def parse_partitions(text: str, preempts: bool = True) -> list[Partition]:
    """The partitions in what `scontrol --oneliner show partition` prints.

    `preempts`: whether the cluster preempts by partitions at all.
    """
    found = []
    for entry in _entries(text, "PartitionName"):
        allowed = entry.get("AllowAccounts", "ALL")
        found.append(
            Partition(
                entry["PartitionName"],
                entry.get("Default") == "YES",
                entry.get("State", "UP") == "UP",
                minutes(entry.get("MaxTime", "UNLIMITED")),
                int(entry.get("PriorityTier", "1")),
                preempts and entry.get("PreemptMode", "OFF") not in ("OFF", "WITHIN"),
                None if allowed == "ALL" else frozenset(allowed.split(",")),
            )
        )
    return found


def gpus_in(gres: str) -> dict[str, int]:
    """GPUs by type: `gpu:h100:8(S:0-1),shard:16` -> {"h100": 8}, `gpu:4` -> {"": 4}."""
    found: dict[str, int] = {}
    for part in _SOCKETS.sub("", gres).split(","):
        name, *rest = part.split(":")
        if name != "gpu":
            continue
        kind, count = (rest[0], rest[1]) if len(rest) > 1 else ("", rest[0] if rest else "1")
        if not count.isdecimal():  # `gpu:h100` is one
            kind, count = count, "1"
        found[kind] = found.get(kind, 0) + int(count)
    return {kind: count for kind, count in found.items() if count}


def minutes(limit: str) -> int | None:
    """`1-12:00:00` -> 2160, `30:00` -> 30, `UNLIMITED` -> None. Seconds are left out."""
    match = _TIME.fullmatch(limit)
    if match is None:
        return None
    days, first, second = (int(part or 0) for part in match.groups()[:3])
    if match[1] is not None:  # days-hours[:minutes[:seconds]]
        return days * 1440 + first * 60 + second
    return first * 60 + second if match[4] is not None else first  # hours:minutes:seconds, minutes[:seconds]


def _entries(text: str, first: str) -> list[dict[str, str]]:
    """The pairs of each line. A value with blanks is cut at the first."""
    lines = [dict(_PAIR.findall(line)) for line in text.splitlines()]
    return [line for line in lines if line.get(first)]


def ask(*command: str) -> str:
    """What one of Slurm's programs prints. Raises NoSlurmError where it is not here, fails or hangs."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=ASK_SECONDS, check=False)
    except FileNotFoundError as error:
        raise NoSlurmError(f"{command[0]} is not here: ask on a machine that submits jobs") from error
    except subprocess.TimeoutExpired as error:
        raise NoSlurmError(f"{command[0]} gave no answer within {ASK_SECONDS} s") from error
    if done.returncode:
        raise NoSlurmError(f"{' '.join(command)}: {done.stderr.strip() or done.returncode}")
    return done.stdout
