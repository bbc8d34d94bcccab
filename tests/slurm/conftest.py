"""One cluster a test run, and copies of the project that run on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from slurm.cluster import Cluster
from slurm.faulty import Faulty, Prepared, faulty_project, prepare
from slurm.on_cluster import OnCluster, on_cluster
from slurm.packages import Unavailable, require

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever stands here needs the cluster."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.slurm)


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
    cluster.client("scancel", "--user=root", check=False)
    cluster.wait_empty()
    assert copied.project.processes() == {}


@pytest.fixture
def vllm_project(tmp_path: Path, cluster: Cluster) -> Iterator[OnCluster]:
    """The same with the real vLLM, on the CPU."""
    copied = on_cluster(tmp_path, cluster, real_vllm=True)
    yield copied
    cluster.client("scancel", "--user=root", check=False)
    cluster.wait_empty()
    assert copied.project.processes() == {}


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, cluster: Cluster) -> Prepared:
    """What the tests of faults start from."""
    return prepare(tmp_path_factory.mktemp("prepared"), cluster)


@pytest.fixture
def faulty(tmp_path: Path, prepared: Prepared, cluster: Cluster) -> Iterator[Faulty]:
    """A project that is ready to generate, with stand-ins for vLLM; nothing of it may be left running."""
    made = faulty_project(tmp_path, prepared, cluster)
    yield made
    cluster.client("scancel", "--user=root", check=False)
    made.wait_until_over()
