"""Which nodes a job has and how they reach each other, as Slurm's own commands say."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from snakeval.serving import allocation
from snakeval.serving.allocation import AllocationError, address_toward, free_port, meet
from unit.serving import fake_slurm


@pytest.fixture(autouse=True)
def job(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A job on three nodes, of which this is the second; the plugin has hidden all but its id."""
    for name in [name for name in os.environ if name.startswith("SLURM")]:
        monkeypatch.delenv(name)
    path = fake_slurm.install(tmp_path / "bin", ["n1", "n2", "n3"])
    monkeypatch.setenv("PATH", f"{path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    monkeypatch.setenv("SLURMD_NODENAME", "n2")
    monkeypatch.setattr(socket, "getaddrinfo", local)
    return path


def local(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
    return [(socket.AF_INET, socket.SOCK_DGRAM, 0, "", ("127.0.0.1", port))]


def test_meeting(job: Path) -> None:
    found = meet(2)
    assert (found.address, found.others) == ("127.0.0.1", ("n1",))
    assert meet(3).others == ("n1", "n3")
    with socket.create_server((found.address, found.port)):
        assert free_port(found.address) != found.port
    assert "show job 7" in (job / "scontrol.log").read_text()


def test_too_few_nodes() -> None:
    with pytest.raises(
        AllocationError, match=r"4 nodes are needed, this Slurm job has 3 \(n1, n2, n3\).*nodes=4"
    ):
        meet(4)


def test_no_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLURM_JOB_ID")
    with pytest.raises(AllocationError, match=r"no Slurm job.*--profile profiles/slurm"):
        meet(2)


def test_a_job_that_slurm_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURM_JOB_ID", "8")
    with pytest.raises(AllocationError, match=r"scontrol --oneliner show job 8: .*Invalid job id"):
        meet(2)


def test_no_scontrol(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(AllocationError, match=r"scontrol is not on PATH"):
        meet(2)


@pytest.mark.parametrize(("host", "expected"), [("n3.example.org", "n3"), ("n1", "n1")])
def test_this_node_by_its_host_name(monkeypatch: pytest.MonkeyPatch, host: str, expected: str) -> None:
    monkeypatch.delenv("SLURMD_NODENAME")
    monkeypatch.setattr(socket, "gethostname", lambda: host)
    assert allocation.this_node(["n1", "n3"]) == expected


def test_a_machine_outside_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURMD_NODENAME", "login")
    with pytest.raises(AllocationError, match="none of the job's nodes: n1, n2"):
        allocation.this_node(["n1", "n2"])


def test_no_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(AllocationError, match=r"no way from .* to n9: .*not known"):
        address_toward("n9")
