"""What Slurm's programs print, read. The lines are in the form of Slurm 22.05 to 24.11, shortened."""

from __future__ import annotations

import pytest

from snakeval.system.slurm import Node, Partition, gpus_in, minutes, parse_nodes, parse_partitions

NODES = """\
NodeName=h100-01 Arch=x86_64 CoresPerSocket=64 CPUAlloc=0 CPUEfctv=62 CPUTot=64 CPULoad=0.10 \
AvailableFeatures=h100,nvlink ActiveFeatures=h100,nvlink Gres=gpu:h100:8(S:0-1) NodeAddr=10.0.0.1 \
OS=Linux 6.1.0 #1 SMP RealMemory=1000000 AllocMem=0 MemSpecLimit=4000 State=IDLE+DRAIN \
Partitions=gpu,scavenge Reason=a fan is broken [root@2026-01-01T00:00:00]
NodeName=cpu01 CPUTot=32 AvailableFeatures=(null) Gres=(null) RealMemory=256000 State=MIXED Partitions=cpu
NodeName=later CPUTot=32 Gres=gpu:8 RealMemory=256000 State=FUTURE Partitions=gpu
"""
PARTITIONS = """\
PartitionName=cpu AllowAccounts=ALL Default=YES MaxTime=UNLIMITED \
PriorityTier=1 PreemptMode=OFF State=UP
PartitionName=gpu AllowAccounts=a,b Default=NO MaxTime=2-12:00:00 \
PriorityTier=10 PreemptMode=OFF State=UP
PartitionName=scavenge AllowAccounts=ALL Default=NO MaxTime=04:00:00 \
PriorityTier=1 PreemptMode=REQUEUE State=DOWN
"""


def test_nodes() -> None:
    assert parse_nodes(NODES) == [
        Node("h100-01", ("gpu", "scavenge"), 62, 996_000, {"h100": 8}, ("h100", "nvlink")),
        Node("cpu01", ("cpu",), 32, 256_000, {}, ()),
    ]


def test_partitions() -> None:
    everybody, some = None, frozenset({"a", "b"})
    assert parse_partitions(PARTITIONS) == [
        Partition("cpu", True, True, None, 1, False, everybody),
        Partition("gpu", False, True, 3600, 10, False, some),
        Partition("scavenge", False, False, 240, 1, True, everybody),
    ]
    assert not any(each.preemptible for each in parse_partitions(PARTITIONS, preempts=False))


# (Gres= of a node, GPUs by type)
GRES = [
    ("gpu:8", {"": 8}),
    ("gpu:h100:8", {"h100": 8}),
    ("gpu:h100:8(S:0-1)", {"h100": 8}),
    ("gpu:a100:4(S:0),gpu:v100:2(S:1)", {"a100": 4, "v100": 2}),
    ("gpu:a100:2(S:0),gpu:a100:2(S:1)", {"a100": 4}),
    ("gpu:nvidia_a100_80gb_pcie:4", {"nvidia_a100_80gb_pcie": 4}),
    ("gpu:1g.10gb:7", {"1g.10gb": 7}),
    ("gpu:h100:8(S:0,2),shard:h100:64,mps:400", {"h100": 8}),
    ("gpu", {"": 1}),
    ("gpu:h100", {"h100": 1}),
    ("gpu:h100:0", {}),
    ("(null)", {}),
    ("", {}),
    ("fpga:2,license:gpu:3", {}),
]


@pytest.mark.parametrize(("gres", "found"), GRES)
def test_gpus_of_a_node(gres: str, found: dict[str, int]) -> None:
    assert gpus_in(gres) == found


@pytest.mark.parametrize(
    ("limit", "found"),
    [
        ("UNLIMITED", None),
        ("INFINITE", None),
        ("NONE", None),
        ("12:00:00", 720),
        ("1-00:00:00", 1440),
        ("1-12:30:59", 2190),
        ("2-12", 3600),
        ("00:30:00", 30),
        ("30:00", 30),
        ("45", 45),
    ],
)
def test_time_limits(limit: str, found: int | None) -> None:
    """The forms that sbatch --time documents."""
    assert minutes(limit) == found
