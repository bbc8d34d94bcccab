"""One cluster a test run, and copies of the project that run on it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from debian import Unavailable
from project import PATIENCE, Project
from slurm.cluster import Cluster
from slurm.faulty import Faulty, Prepared, faulty_project, prepare
from slurm.on_cluster import OnCluster, on_cluster
from slurm.packages import require

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever stands here needs a cluster; a test that fails is tried twice more, and pytest says so."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.slurm)
            item.add_marker(pytest.mark.flaky(reruns=2))


def end(cluster: Cluster, project: Project) -> None:
    """End what a test has left of its jobs; a process left after that is killed, and fails the test."""
    cluster.client("scancel", "--user=root", check=False)
    cluster.wait_empty()
    deadline = time.monotonic() + PATIENCE
    while project.processes() and time.monotonic() < deadline:
        time.sleep(0.2)
    left = project.processes()
    for pid in left:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    if left:  # a head among them may have submitted one more job
        cluster.client("scancel", "--user=root", check=False)
        cluster.wait_empty()
    assert left == {}


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The cluster of this test run, or a skip that says why there can be none."""
    try:
        require()
    except Unavailable as reason:
        pytest.skip(str(reason))
    with Cluster().running() as running:
        yield running


@pytest.fixture
def slurm_project(tmp_path: Path, cluster: Cluster) -> Iterator[OnCluster]:
    """A copy of the project on the cluster, with stand-ins for vLLM; nothing of it may be left running."""
    copied = on_cluster(tmp_path, cluster)
    yield copied
    end(cluster, copied.project)


@pytest.fixture
def vllm_project(tmp_path: Path, cluster: Cluster) -> Iterator[OnCluster]:
    """The same with the real vLLM, on the CPU."""
    copied = on_cluster(tmp_path, cluster, real_vllm=True)
    yield copied
    end(cluster, copied.project)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, cluster: Cluster) -> Prepared:
    """What the tests of faults start from."""
    return prepare(tmp_path_factory.mktemp("prepared"), cluster)


@pytest.fixture
def faulty(tmp_path: Path, prepared: Prepared, cluster: Cluster) -> Iterator[Faulty]:
    """A project that is ready to generate, with stand-ins for vLLM; nothing of it may be left running."""
    made = faulty_project(tmp_path, prepared, cluster)
    yield made
    end(cluster, made.project)
