"""Samples that could not be had are asked for again by the next run, and only those."""

from __future__ import annotations

import shutil
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


def test_refused_requests_are_asked_again_by_one_run_more_and_no_longer(project: Project) -> None:
    broken, seeds = {"now": True}, set[int]()

    async def answer(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        if number < 24 and number % 3 == 0:
            seeds.add(body["seed"])
        refused = broken["now"] and body["seed"] in seeds
        return web.Response(status=400, text="no template") if refused else completion()

    def errors() -> int:
        rows = pq.read_table(project.folder / TARGET)["error"].to_pylist()
        return sum(error is not None and error.startswith("permanent") for error in rows)

    with FakeServer(answer).running() as server:
        (project.folder / "config/models/faulty.yaml").write_text(MODEL.format(url=server.base_url))
        project.run(TARGET, *CONFIG)
        refused = errors()
        assert refused == 8
        project.run(TARGET, *CONFIG)
        assert (errors(), len(server.bodies)) == (refused, 24 + refused)
        assert "Nothing to be done" in project.run(TARGET, *CONFIG).stdout
        broken["now"] = False
        (project.folder / TARGET).unlink()  # as the log says
        project.run(TARGET, *CONFIG)
        assert (errors(), len(server.bodies)) == (0, 24 + 2 * refused)
        assert "Nothing to be done" in project.run(TARGET, *CONFIG).stdout


def test_too_many_lost_samples_fail_the_metrics_with_their_counts(project: Project) -> None:
    broken, seeds = {"now": True}, set[int]()

    async def answer(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        if number < 384 and number % 4 == 0:
            seeds.add(body["seed"])
        refused = broken["now"] and body["seed"] in seeds
        return web.Response(status=400, text="no") if refused else completion(r"\boxed{1}")

    target = "results/metrics/demo-arithmetic/faulty/math.json"
    with FakeServer(answer).running() as server:
        (project.folder / "config/models/faulty.yaml").write_text(MODEL.format(url=server.base_url))
        config = ("--config", "models=faulty", "benchmarks=demo-arithmetic", "arenas=")
        result = project.run(target, *config, check=False)
        assert not (project.folder / target).exists()
        # As long as no score can be made every run asks again, and the one that is answered makes it.
        for tries in (1, 2):
            assert project.run(target, *config, check=False).returncode != 0
            assert len(server.bodies) == 384 + tries * 96
        broken["now"] = False
        project.run(target, *config)
        assert len(server.bodies) == 384 + 3 * 96
        assert "Nothing to be done" in project.run(target, *config).stdout
    assert result.returncode != 0
    assert "The next run asks once more for those" in result.stdout
    assert "infrastructure_failed: 96 of 384" in result.stdout
    assert "thresholds.infrastructure_failed" in result.stdout
    assert (project.folder / "results/grades/demo-arithmetic/faulty/math.parquet").exists()


def test_a_finished_file_without_its_journal_gives_its_rows_and_a_damaged_one_is_made_anew(
    project: Project,
) -> None:
    async def answer(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        return completion(r"\boxed{1}")

    target = "results/metrics/demo-arithmetic/faulty/math.json"
    generations = project.folder / "results/generations/demo-arithmetic/faulty.parquet"
    config = ("--config", "models=faulty", "benchmarks=demo-arithmetic", "arenas=")
    with FakeServer(answer).running() as server:
        (project.folder / "config/models/faulty.yaml").write_text(MODEL.format(url=server.base_url))
        project.run(target, *config)
        assert len(server.bodies) == 384
        shutil.rmtree(project.folder / "results/.journal")
        project.edit("config/benchmarks/demo-arithmetic.yaml", "n_samples: 8", "n_samples: 9")
        project.run(target, *config)
        assert len(server.bodies) == 384 + 48
        assert pq.read_metadata(generations).num_rows == 432

        generations.write_bytes(generations.read_bytes()[:5000])
        failed = project.run(target, *config, "--rerun-triggers", "input", "mtime", check=False)
        assert failed.returncode != 0
        assert "faulty.parquet: damaged or empty" in failed.stdout
        project.run(target, str(generations.relative_to(project.folder)), *config)
        assert pq.read_metadata(generations).num_rows == 432
        assert len(server.bodies) == 384 + 48
