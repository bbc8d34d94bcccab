"""A profile for this cluster from what Slurm says of it: python -m snakeval.new_profile [profiles/mine]

It is profiles/slurm with this cluster's account, partitions and limits, each line with where it is from.
Nothing is overwritten: a folder that exists is refused.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from snakeval.system import slurm
from snakeval.system.slurm import Node, NoSlurmError, Partition

TEMPLATE = Path("profiles/slurm")
# GiB of a GPU by the type's name, the smallest that is sold under it. Makers' data sheets.
MEMORY = {
    "v100": 16, "p100": 16, "t4": 16, "a10": 24, "l4": 24, "a30": 24, "l40": 48, "l40s": 48, "a40": 48,
    "a6000": 48, "a100": 40, "h100": 80, "h200": 141, "gh200": 96, "b200": 180, "gb200": 186, "b300": 268,
    "mi210": 64, "mi250": 128, "mi250x": 128, "mi300a": 128, "mi300x": 192, "mi325x": 256, "mi355x": 288,
}  # fmt: skip
_WRITTEN = re.compile(r"(?<![0-9.])(\d{2,3})_?g(?:b|ib)?(?![a-z0-9])")
_NEEDS = {"serve", "servers"}


class ProfileError(ValueError):
    """No profile can be written; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """What Slurm has for this user. `accounts`: the default one first, none where there are no accounts."""

    accounts: tuple[str, ...]
    partitions: tuple[Partition, ...]
    nodes: tuple[Node, ...]

    def of(self, partition: Partition) -> list[Node]:
        """The partition's nodes."""
        return [node for node in self.nodes if partition.name in node.partitions]

    def preempting(self, partition: Partition) -> list[Partition]:
        """The partitions whose jobs may take this one's nodes from its jobs."""
        shared = {name for node in self.of(partition) for name in node.partitions}
        higher = [other for other in self.partitions if other.tier > partition.tier and other.name in shared]
        return higher if partition.preemptible else []

    def usable(self, account: str | None) -> list[Partition]:
        """Partitions that are up, have nodes, and take jobs of the account."""
        return [
            partition
            for partition in self.partitions
            if partition.up
            and self.of(partition)
            and (partition.accounts is None or account in partition.accounts)
        ]


def ask() -> Cluster:
    """Ask Slurm. Raises NoSlurmError."""
    return Cluster(slurm.accounts(), tuple(slurm.partitions()), tuple(slurm.nodes()))


@dataclass(frozen=True, slots=True)
class Choice:
    """Where servers run, and everything else; `kind` is the type of GPU, "" where it has no name."""

    account: str | None
    gpu: Partition
    cpu: Partition
    kind: str
    node: Node  # the smallest of those that have it
    several: bool  # types of GPU in the partition


def choose(cluster: Cluster) -> Choice:
    """The partition with the most GPUs, and one without any. Raises ProfileError.

    Better few GPUs than many for less than an hour, or such as are taken away for others' long jobs.
    """
    account = cluster.accounts[0] if cluster.accounts else None
    usable = cluster.usable(account)
    with_gpus = [partition for partition in usable if _gpus(cluster.of(partition))]
    if not with_gpus:
        names = ", ".join(partition.name for partition in cluster.partitions) or "none"
        raise ProfileError(
            f"no partition with GPUs takes jobs of {account or 'yours'}; there are: {names}. GPUs are "
            "counted by Gres= in scontrol show node; copy profiles/slurm and edit it by hand"
        )
    gpu = max(
        with_gpus,
        key=lambda each: (
            _is_long(each),
            not any(map(_is_long, cluster.preempting(each))),
            sum(_gpus(cluster.of(each)).values()),
            each.minutes or sys.maxsize,
        ),
    )
    [(kind, _)] = _gpus(cluster.of(gpu)).most_common(1)
    nodes = [node for node in cluster.of(gpu) if node.gpus.get(kind)]
    without = [each for each in usable if not _gpus(cluster.of(each))]
    cpu = max(without or usable, key=lambda each: (_is_long(each), each.default, each.minutes or sys.maxsize))
    smallest = min(nodes, key=lambda node: (node.gpus[kind], node.memory_mb))
    return Choice(account, gpu, cpu, kind, smallest, len(_gpus(cluster.of(gpu))) > 1)


def gib(kind: str, features: Iterable[str]) -> int | None:
    """How much memory a GPU has, from its type's name or the node's features; Slurm itself does not say."""
    for name in (kind.lower(), *map(str.lower, features)):
        if match := _WRITTEN.search(name):
            return int(match[1])
    words = re.split(r"[^a-z0-9]+", kind.lower())
    return next((MEMORY[word] for word in words if word in MEMORY), None)


def edited(text: str, choice: Choice, folder: Path) -> str:
    """The template's config.yaml for a cluster; each line that changes says where it is from."""
    limit, memory = choice.gpu.minutes, choice.node.memory_mb
    processors = max(1, min(4, choice.node.processors // sum(choice.node.gpus.values())))
    where = f"scontrol show node {choice.node.name}"
    longest = f"min(attempt * {min(480, limit or 480)}, {limit or 720})"
    lines, rule = [], ""
    for line in text.splitlines():
        if match := re.match(r"  (\w+):$", line):
            rule = match[1]
        key, _, value = line.partition(": ")
        match key.strip():
            case "configfile":
                line = f"configfile: {folder / 'gpus.yaml'}"
            case "slurm_account" if choice.account is None:
                line = "  # slurm_account: Slurm keeps no accounts here (sacctmgr list user)"
            case "slurm_account":
                line = f"{key}: {choice.account}  # your default account (sacctmgr list user)"
            case "slurm_partition":
                chosen = choice.gpu if rule in _NEEDS else choice.cpu
                line = f"{key}: {chosen.name}  # scontrol show partition {chosen.name}"
            case "runtime" if "480" in value:
                line = f"{key}: {longest}  # MaxTime of {choice.gpu.name}"
            case "runtime" if rule == "servers":
                line = f"{key}: {limit or value}  # MaxTime of {choice.gpu.name}"
            case "runtime" if choice.cpu.minutes and "min(" not in value:
                line = f"{key}: min({value}, {choice.cpu.minutes})  # MaxTime of {choice.cpu.name}"
            case "mem_mb" if rule == "serve":
                line = f"{key}: min(attempt * {min(200_000, memory // 2)}, {memory})  # RealMemory, {where}"
            case "mem_mb" if rule == "servers":
                line = f"{key}: {min(200_000, memory // 2)}  # RealMemory, {where}"
            case "cpus_per_gpu":
                line = f"{key}: {processors}  # CPUTot, {where}"
            case "# gpu_model" if choice.several and choice.kind and "-" not in choice.kind:
                line = (
                    f"    gpu_model: {choice.kind}  # of several types in {choice.gpu.name} (Gres, {where})"
                )
        lines.append(line)
    return "\n".join(lines) + "\n"


def write(cluster: Cluster, folder: Path, template: Path = TEMPLATE) -> Choice:
    """Write the profile. Raises ProfileError, also where `folder` exists."""
    if folder.exists():
        raise ProfileError(f"{folder} exists, and nothing is overwritten; give another folder, or remove it")
    choice = choose(cluster)
    _, key, text = (template / "config.yaml").read_text(encoding="utf-8").partition("executor: ")
    config = edited(key + text, choice, folder)
    found = gib(choice.kind, choice.node.features)
    said = f"by the name of the type '{choice.kind}'" if found else "Slurm does not say: correct it"
    gpus = (
        f"# The GPUs of one node, of {choice.gpu.name}'s type '{choice.kind}'; docs/slurm.md, 'Sizing'.\n"
        f"gpus:\n  per_node: {choice.node.gpus[choice.kind]}  # Gres, scontrol show node {choice.node.name}\n"
        f"  memory_gib: {found or 80}  # {said}\n"
    )
    shutil.copytree(template, folder)
    (folder / "config.yaml").write_text(overview(cluster) + config, encoding="utf-8")
    (folder / "gpus.yaml").write_text(gpus, encoding="utf-8")
    return choice


def overview(cluster: Cluster) -> str:
    """All partitions as comments, to choose others from."""
    lines = [
        "# profiles/slurm for this cluster: docs/slurm.md explains it. What changed says where it is from.",
        "# The cluster, as Slurm described it (scontrol show partition, scontrol show node):",
    ]
    for partition in cluster.usable(cluster.accounts[0] if cluster.accounts else None):
        nodes = cluster.of(partition)
        kinds = Counter(tuple(sorted(node.gpus.items())) for node in nodes if node.gpus)
        held = [
            f"{number} with " + ", ".join(f"{count} {kind or 'GPUs'}" for kind, count in each)
            for each, number in sorted(kinds.items())
        ]
        lines.append(
            f"#   {partition.name}: {len(nodes)} nodes, {' and '.join(held) or 'no GPUs'}, "
            f"{min(node.memory_mb for node in nodes)} MB or more, "
            f"{'no time limit' if partition.minutes is None else f'{partition.minutes} minutes'}"
            f"{', the default' if partition.default else ''}"
            f"{_preempted(cluster.preempting(partition))}"
        )
    if len(cluster.accounts) > 1:
        lines.append(f"# Your accounts: {', '.join(cluster.accounts)}")
    return "\n".join(lines) + "\n"


def main(options: Sequence[str] | None = None) -> int:
    """Run the command line; see the module's text."""
    parser = argparse.ArgumentParser(prog="python -m snakeval.new_profile", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("profiles/mine"))
    folder = parser.parse_args(options).folder
    try:
        choice = write(ask(), folder)
    except (ProfileError, NoSlurmError) as error:
        print(error, file=sys.stderr)
        return 1
    print(
        f"Servers run in {choice.gpu.name}, the rest in {choice.cpu.name}, on account {choice.account}.\n"
        f"Look at {folder}/config.yaml and {folder}/gpus.yaml, then: snakemake --profile {folder} -n"
    )
    return 0


def _is_long(partition: Partition) -> bool:
    """Whether a job may take an hour: partitions for trying things have less."""
    return partition.minutes is None or partition.minutes >= 60


def _preempted(by: Sequence[Partition]) -> str:
    return f", its jobs make room for those of {', '.join(each.name for each in by)}" if by else ""


def _gpus(nodes: Iterable[Node]) -> Counter[str]:
    total: Counter[str] = Counter()
    for node in nodes:
        total.update(node.gpus)
    return total


if __name__ == "__main__":
    sys.exit(main())
