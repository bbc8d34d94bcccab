"""Copies of the project that run on the test cluster."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from project import Project, new_project
from slurm.cluster import ACCOUNT, Cluster
from slurm.python_env import FakeEngine, make_environment

SOON = "slurm-init-seconds-before-status-checks"
PROFILE = ("--profile", "profiles/mine")
"""A user's own copy of profiles/slurm, as docs/slurm.md says; it looks at its jobs every second."""


@dataclass(frozen=True, slots=True)
class OnCluster:
    """A copy of the project whose `snakemake` submits to the test cluster."""

    project: Project
    engine: FakeEngine
    cluster: Cluster


def on_cluster(folder: Path, cluster: Cluster, real_vllm: bool = False) -> OnCluster:
    """A fresh copy of the project below `folder`, on the cluster; engines are stand-ins unless asked."""
    engine = make_environment(folder / "python", real_vllm)
    project = new_project(folder / "project")
    own_profile(project)
    project.programs = folder / "python/bin"
    stub = os.pathsep.join((str(project.programs), str(folder / "python/stub"), os.environ["PATH"]))
    project.variables = {**cluster.environment(), "PATH": stub}
    return OnCluster(project, engine, cluster)


def own_profile(project: Project) -> None:
    """What a user does: enter the account, and copy the profile."""
    project.edit("profiles/slurm/config.yaml", "your-account", ACCOUNT)
    project.edit("profiles/slurm/config.yaml", "jobs: 100", f"jobs: 100\n{SOON}: 1")
    shutil.copytree(project.folder / "profiles/slurm", project.folder / "profiles/mine")
    project.edit("profiles/mine/config.yaml", "profiles/slurm/gpus.yaml", "profiles/mine/gpus.yaml")
