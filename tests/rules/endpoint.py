"""The demonstration asked of an endpoint that tests play: every rule but `serve` runs, without an engine."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from project import Project
from unit.asking.fake_server import FakeServer, completion

MODELS = ("demo-early", "demo-late", "demo-answer-judge", "demo-pair-judge")
BENCHMARKS = ("demo-arithmetic", "demo-questions")
ENDPOINT = "engine: external\ncontext_length: 1024\nbase_urls: [{url}]\n"


async def _answer(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
    """What each of the four models says, always the same."""
    texts = {"pair": "[[A>B]]", "answer": r"\boxed{Correct}"}
    text = next((text for name, text in texts.items() if name in body["model"]), r"\boxed{34}")
    return completion(text)


def finish(project: Project) -> Project:
    """Run the default target of a project on few problems, and return it."""
    with FakeServer(_answer).running() as server:
        for name in MODELS:
            path = f"config/models/{name}.yaml"
            project.edit(path, "model: demo/models/", f"{ENDPOINT.format(url=server.base_url)}model: {name}-")
        for name in BENCHMARKS:
            project.edit(f"config/benchmarks/{name}.yaml", "source:", "limit: 3\nsource:")
        project.run()
    return project
