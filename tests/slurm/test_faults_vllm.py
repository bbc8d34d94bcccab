"""A fault with the real vLLM, on processors: its own way of being stopped loses and invents nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from project import PATIENCE
from slurm.cluster import Cluster
from slurm.faulty import SAMPLES, Faulty, Prepared, faulty_project, read

pytestmark = pytest.mark.e2e

MORE = 8


@pytest.fixture
def real(tmp_path: Path, prepared: Prepared, cluster: Cluster) -> Iterator[Faulty]:
    """The project of the faults with the real vLLM, no GPU, and eight times the samples."""
    made = faulty_project(tmp_path, prepared, cluster, real_vllm=True)
    made.project.edit("profiles/mine/gpus.yaml", "per_node: 8", "per_node: 0")
    made.project.edit("config/benchmarks/faulty.yaml", "n_samples: 2", f"n_samples: {2 * MORE}")
    yield made
    cluster.client("scancel", "--user=root", check=False)
    made.wait_until_over()


def check_whole(real: Faulty) -> None:
    """Every sample is there once and was not cut short by the end of its engine."""
    assert real.copies() == {1: SAMPLES * MORE}
    rows = read(real.project)
    assert len(rows) == SAMPLES * MORE
    assert Counter(row["error"] for row in rows) == {None: len(rows)}
    assert {row["finish_reason"] for row in rows} <= {"stop", "length"}


def test_scancel_and_again(real: Faulty) -> None:
    head = real.start()
    job = real.wait_for_rows(20)
    real.cluster.client("scancel", str(job.number))
    said = head.communicate(timeout=PATIENCE)[0]
    assert head.returncode == 1, said
    assert "Interrupted: stopped by SIGTERM: " in real.log()
    real.wait_until_over()
    assert 20 <= real.journalled() < SAMPLES * MORE
    real.run()
    real.wait_until_over()
    check_whole(real)
