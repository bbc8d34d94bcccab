"""A profile from what Slurm says of a cluster."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from snakeval import new_profile
from snakeval.new_profile import Cluster, ProfileError, choose, gib, write
from snakeval.system.slurm import Node, NoSlurmError, Partition

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "profiles/slurm"


def node(name: str, *partitions: str, memory: int = 1_000_000, cpus: int = 64, **gpus: int) -> Node:
    return Node(name, partitions, cpus, memory, gpus, ())


def partition(name: str, **changes: Any) -> Partition:
    values = {"default": False, "up": True, "minutes": 720, "tier": 1, "preemptible": False, "accounts": None}
    return Partition(name, **{**values, **changes})


CPU, GPU = partition("batch", default=True, minutes=None), partition("accel", tier=2)
SCAVENGE = partition("scavenge", preemptible=True)
NODES = (
    node("cpu01", "batch", memory=256_000),
    node("h01", "accel", "scavenge", h100=8),
    node("h02", "scavenge", h100=8),
)
USUAL = Cluster(("lab", "class"), (CPU, GPU, SCAVENGE), NODES)

# (cluster, where servers run, where the rest does, type of GPU)
CHOICES = [
    (USUAL, "accel", "batch", "h100"),
    # Only a preemptible partition has GPUs.
    (Cluster((), (CPU, SCAVENGE), NODES), "scavenge", "batch", "h100"),
    # One for trying things goes before the others, but not for long.
    (
        Cluster(
            (),
            (CPU, replace(GPU, preemptible=True), partition("debug", tier=9, minutes=10)),
            (*NODES, node("h03", "accel", "debug", h100=64)),
        ),
        "accel",
        "batch",
        "h100",
    ),
    (
        Cluster((), (CPU, partition("debug", minutes=30)), (*NODES, node("d", "debug", a100=2))),
        "debug",
        "batch",
        "a100",
    ),
    # A partition of others' accounts, one that is down, one without nodes.
    (
        Cluster(
            ("lab",),
            (CPU, GPU, partition("theirs", accounts=frozenset({"other"}))),
            (*NODES, node("o", "theirs", b200=32)),
        ),
        "accel",
        "batch",
        "h100",
    ),
    (
        Cluster((), (CPU, partition("big", up=False), GPU), (*NODES, node("b", "big", h200=8))),
        "accel",
        "batch",
        "h100",
    ),
    (Cluster((), (CPU, partition("gone"), GPU), NODES), "accel", "batch", "h100"),
    # Everything is one partition.
    (Cluster((), (partition("all", default=True),), (node("n", "all", **{"": 4}),)), "all", "all", ""),
    # More GPUs win, then more time.
    (
        Cluster((), (CPU, GPU, partition("large")), (*NODES, node("l", "large", a100=16))),
        "large",
        "batch",
        "a100",
    ),
    (
        Cluster(
            (),
            (CPU, GPU, partition("long", minutes=2000)),
            (node("c", "batch"), node("n", "accel", "long", l40s=4)),
        ),
        "long",
        "batch",
        "l40s",
    ),
    (
        Cluster(
            (),
            (CPU, GPU, partition("endless", minutes=None)),
            (node("c", "batch"), node("n", "accel", "endless", l40s=4)),
        ),
        "endless",
        "batch",
        "l40s",
    ),
    # The type of which there are most.
    (
        Cluster((), (CPU, GPU), (node("c", "batch"), node("x", "accel", v100=4), node("y", "accel", a100=8))),
        "accel",
        "batch",
        "a100",
    ),
]


@pytest.mark.parametrize(("cluster", "gpu", "cpu", "kind"), CHOICES)
def test_where_jobs_run(cluster: Cluster, gpu: str, cpu: str, kind: str) -> None:
    choice = choose(cluster)
    assert (choice.gpu.name, choice.cpu.name, choice.kind) == (gpu, cpu, kind)


@pytest.mark.parametrize("cluster", [Cluster((), (), ()), Cluster(("lab",), (CPU,), NODES[:1])])
def test_a_cluster_without_gpus(cluster: Cluster, tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="no partition with GPUs"):
        write(cluster, tmp_path / "mine", TEMPLATE)
    assert not (tmp_path / "mine").exists()


def written(cluster: Cluster, folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    write(cluster, folder, TEMPLATE)
    config = yaml.safe_load((folder / "config.yaml").read_text())
    return config, yaml.safe_load((folder / "gpus.yaml").read_text())["gpus"]


def test_what_is_written(tmp_path: Path) -> None:
    """The template's keys, all of them, with this cluster's names and limits."""
    config, gpus = written(USUAL, tmp_path / "mine")
    template = yaml.safe_load((TEMPLATE / "config.yaml").read_text())
    assert config["configfile"] == str(tmp_path / "mine/gpus.yaml")
    assert config["default-resources"]["slurm_account"] == "lab"
    assert gpus == {"per_node": 8, "memory_gib": 80}
    rules = config["set-resources"]
    assert rules["serve"]["slurm_partition"] == rules["servers"]["slurm_partition"] == "accel"
    others = {rule: keys["slurm_partition"] for rule, keys in rules.items() if "slurm_partition" in keys}
    assert set(others.values()) == {"accel", "batch"}
    assert [rule for rule, name in others.items() if name == "accel"] == ["serve", "servers"]
    assert rules["serve"]["mem_mb"] == "min(attempt * 200000, 1000000)"
    assert rules["serve"]["runtime"] == rules["generate"]["runtime"] == "min(attempt * 480, 720)"
    assert config.keys() == template.keys()
    assert rules.keys() == template["set-resources"].keys()
    for line in (
        "#   accel: 1 nodes, 1 with 8 h100",
        "its jobs make room for those of accel",
        "# Your accounts: lab, class",
    ):
        assert line in (tmp_path / "mine/config.yaml").read_text()


def test_small_nodes_and_short_limits(tmp_path: Path) -> None:
    short = partition("short", minutes=120, default=True)
    mixed = (node("n", "short", memory=64_000, cpus=8, t4=4), node("m", "short", v100=1))
    config, gpus = written(Cluster((), (short,), mixed), tmp_path / "mine")
    rules = config["set-resources"]
    assert rules["serve"] == {
        "slurm_partition": "short",
        "mem_mb": "min(attempt * 32000, 64000)",
        "runtime": "min(attempt * 120, 120)",
        "cpus_per_gpu": 2,
        "gpu_model": "t4",
    }
    assert config["default-resources"] == {"mem_mb": "attempt * 4000", "runtime": "min(attempt * 60, 120)"}
    assert gpus == {"per_node": 4, "memory_gib": 16}


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(ProfileError, match="nothing is overwritten"):
        write(USUAL, tmp_path / "mine", TEMPLATE)
    assert list((tmp_path / "mine").iterdir()) == []


def test_without_slurm(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoSlurmError):
        new_profile.ask()
    assert new_profile.main([str(tmp_path / "mine")]) == 1
    assert "is not here" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("kind", "features", "found"),
    [
        ("h100", (), 80),
        ("H200", (), 141),
        ("nvidia_h100_80gb_hbm3", (), 80),
        ("nvidia_a100_80gb_pcie", (), 80),
        ("nvidia_a100-sxm4-40gb", (), 40),
        ("a100", ("gpu_mem_80gb",), 80),
        ("a100", ("ib", "80g"), 80),
        ("1g.10gb", (), None),
        ("rtx", (), None),
        ("", (), None),
        ("a1000", (), None),
        ("gpu", ("node32gpu",), None),
    ],
)
def test_memory_of_a_gpu(kind: str, features: tuple[str, ...], found: int | None) -> None:
    assert gib(kind, features) == found
