"""Samples that could not be had are asked for again by the next run, and only those."""

from __future__ import annotations

from typing import Any

import pyarrow.parquet as pq
from aiohttp import web

from project import Project
from unit.asking.fake_server import FakeServer, completion

MODEL = """\
model: faulty
engine: external
slug: faulty
base_urls: ['{url}']
max_attempts: 1
concurrency: 4
"""
TARGET = "results/generations/demo-questions/faulty.parquet"
CONFIG = ("--config", "models=faulty", "benchmarks=demo-questions", "arenas=")


def test_error_rows_make_the_output_stale_until_they_are_had(project: Project) -> None:
    broken = {"now": True}

    async def answer(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        return web.Response(status=500) if broken["now"] and number % 4 == 0 else completion()

    def errors() -> int:
        rows = pq.read_table(project.folder / TARGET)["error"].to_pylist()
        assert len(rows) == 24
        return sum(error is not None for error in rows)

    with FakeServer(answer).running() as server:
        (project.folder / "config/models/faulty.yaml").write_text(MODEL.format(url=server.base_url))
        project.run(TARGET, *CONFIG)
        assert errors() == 6
        broken["now"] = False
        project.run(TARGET, *CONFIG)
        assert errors() == 0
        assert len(server.bodies) == 24 + 6
        assert "Nothing to be done" in project.run(TARGET, *CONFIG).stdout


def test_too_many_lost_samples_fail_the_metrics_with_their_counts(project: Project) -> None:
    async def answer(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        return web.Response(status=400, text="no") if number % 4 == 0 else completion(r"\boxed{1}")

    target = "results/metrics/demo-arithmetic/faulty/math.json"
    with FakeServer(answer).running() as server:
        (project.folder / "config/models/faulty.yaml").write_text(MODEL.format(url=server.base_url))
        config = ("--config", "models=faulty", "benchmarks=demo-arithmetic", "arenas=")
        result = project.run(target, *config, check=False)
    assert result.returncode != 0
    assert "infrastructure_failed: 96 of 384" in result.stdout
    assert "thresholds.infrastructure_failed" in result.stdout
    assert not (project.folder / target).exists()
    assert (project.folder / "results/grades/demo-arithmetic/faulty/math.parquet").exists()
