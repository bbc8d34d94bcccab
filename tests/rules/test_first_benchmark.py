"""docs/first-benchmark.md, run word for word; an endpoint plays its model, as no engine is tested here."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest
from aiohttp import web

from project import PATIENCE, REPOSITORY, Project
from rules.endpoint import ENDPOINT
from unit.asking.fake_server import FakeServer, completion

pytestmark = pytest.mark.e2e

PAGE = REPOSITORY / "docs" / "first-benchmark.md"
BLOCK = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)


async def _answer(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
    return completion(r"\boxed{34}")


def test_the_page_word_for_word(project: Project) -> None:
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    assert len(blocks) == 5
    printed = []
    with FakeServer(_answer).running() as server:
        path = "config/models/demo-late.yaml"
        project.edit(
            path, "model: demo/models/", f"{ENDPOINT.format(url=server.base_url)}model: demo/models/"
        )
        for block in blocks:
            done = subprocess.run(
                ["bash", "-euc", block],
                cwd=project.folder,
                env=project.environment(),
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr
            printed.append(done.stdout + done.stderr)
        assert len(server.bodies) == 3 + 10 * 4
    tried, real, read = printed[2:]
    assert "first (try: limit 3, n_samples 1, temperature 0)" in tried
    assert "results/tries/limit3-samples1-temperature0/report.html" in tried
    assert "pass@4" in real
    assert "try:" not in real
    assert len(real.splitlines()) < 60
    assert "Waiting at most" not in real
    assert real.splitlines()[-1] == f"Results: {project.folder / 'results'}"
    assert "36 of 40 answers are wrong" in read
    assert "q01: 34 instead of 20" in read
    status = project.run("status", "--config", "models=demo-late", "benchmarks=first", "arenas=").stdout
    assert re.search(r"✓ +demo-late +first +40/40 +40/40$", status, re.MULTILINE), status
