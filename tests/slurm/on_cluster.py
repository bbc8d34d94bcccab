"""Copies of the project that run on the test cluster."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from project import Project, new_project
from slurm.cluster import Cluster
from slurm.python_env import FakeEngine, make_environment


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
    project.programs = folder / "python/bin"
    stub = os.pathsep.join((str(project.programs), str(folder / "python/stub"), os.environ["PATH"]))
    project.variables = {**cluster.environment(), "PATH": stub}
    return OnCluster(project, engine, cluster)
