"""Where there can be no test cluster, or no package, the reason is said."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

import debian
from slurm import packages


def test_not_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(debian.Unavailable, match="needs root"):
        packages.require()


def test_packages_that_can_not_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []

    def run(command: tuple[str, ...], **_: Any) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        if command[0] == "dpkg-query":
            return subprocess.CompletedProcess(command, 1, "installed munge\nnot-installed slurmd\n", "")
        return subprocess.CompletedProcess(command, 100, "", "Err:1 no network\nE: Some files failed\n")

    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr("subprocess.run", run)
    with pytest.raises(debian.Unavailable, match=r"update could not get .*slurmd.*Some files failed"):
        packages.require()
    assert "munge" not in debian.missing(packages.PACKAGES)
    assert asked[1] == ("apt-get", "update")
