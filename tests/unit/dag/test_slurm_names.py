"""Accounts and partitions of a profile against what Slurm's clients say."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from snakeval.dag.slurm_names import SlurmNameError, Wanted, check_names


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of Slurm's clients, at first one that knows two accounts and two partitions."""
    write(tmp_path, "sacctmgr", "echo lab; echo Root")
    write(tmp_path, "sinfo", "echo cpu; echo gpu")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin:/bin")
    return tmp_path


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


@pytest.mark.parametrize(
    "wanted",
    [Wanted("serve", "lab", "gpu"), Wanted("serve", "root", "cpu,gpu"), Wanted("generate", None, None)],
)
def test_known_names_pass(wanted: Wanted, programs: Path) -> None:
    check_names([wanted])


def test_every_unknown_name_is_listed_with_what_there_is(programs: Path) -> None:
    wanted = [Wanted("serve", "your-account", "gpu, gpus"), Wanted("grade", "your-account", "cpu")]
    with pytest.raises(SlurmNameError) as raised:
        check_names(wanted)
    assert "slurm_account: your-account (rules grade, serve): Slurm has Root, lab" in str(raised.value)
    assert "slurm_partition: gpus (rules serve): Slurm has cpu, gpu" in str(raised.value)
    assert "docs/slurm.md" in str(raised.value)


@pytest.mark.parametrize("text", ["exit 1", "true"])
def test_what_slurm_does_not_tell_is_not_checked(text: str, programs: Path) -> None:
    """A cluster without accounting."""
    write(programs, "sacctmgr", text)
    check_names([Wanted("serve", "anything", "gpu")])
    (programs / "sacctmgr").unlink()
    check_names([Wanted("serve", "anything", "gpu")])
    with pytest.raises(SlurmNameError, match="slurm_partition: gpus"):
        check_names([Wanted("serve", "anything", "gpus")])
