"""A small project whose model has an agent, answered by a server that a test scripts."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from snakeval.asking.shards import Shard
from snakeval.config import Config
from snakeval.generation.generate import gather, generate
from snakeval.models.infer import infer
from snakeval.models.serving_config import write_serving_config
from snakeval.problems.prepare import prepare
from snakeval.system.tables import read_rows
from snakeval.types import Generation
from unit.asking.fake_server import FakeServer, completion
from unit.config.example_project import load, write_project

BENCHMARK = "sums"
JOURNAL = Path("results/.journal/generations/sums/model")
OUTPUT = Path("out.parquet")
PROMPTS = {
    "config/prompts/evaluate.jinja": "CHECK {{ problem }} ANSWER {{ answer }}",
    "config/prompts/refine.jinja": "MEND {{ problem }} ANSWER {{ answer }} SAID {{ evaluation }}",
}
# (what a turn is: generate, evaluate or refine; its text) -> what the model says, a HTTP status, or None for
# a text that was cut; or something to wait for that gives one of these
Said = str | int | None
Script = Callable[[str, str], Said | Awaitable[Said]]


def agent(kind: str, *, budget: int = 10**6, **keys: object) -> str:
    """The text of an agent's file."""
    fixed = {
        "kind": kind,
        "evaluate": "config/prompts/evaluate.jinja",
        "refine": "config/prompts/refine.jinja",
        "sampling": "{max_tokens: 100}",
        "max_total_tokens": budget,
    }
    return "".join(f"{key}: {value}\n" for key, value in {**fixed, **keys}.items())


@dataclass
class AgentProject:
    """The example project below `root`, with the agent `a`; `said` are the turns asked, in their order."""

    root: Path
    monkeypatch: pytest.MonkeyPatch
    samples: int = 1
    reasoning: Mapping[str, object] = field(default_factory=dict)  # what is inferred of the model's marks
    said: list[tuple[str, str]] = field(default_factory=list)

    def run(self, text: str, script: Script, shards: int = 1) -> list[Generation]:
        """Generate with an agent's file and a server's script; the turns asked are in `said` afterwards."""
        self.said.clear()

        async def answer(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
            content = body["messages"][-1]["content"]
            turn = {"CHECK": "evaluate", "MEND": "refine"}.get(content.split()[0], "generate")
            self.said.append((turn, content))
            found = script(turn, content)
            reply = await found if isinstance(found, Awaitable) else found
            if isinstance(reply, int):
                return web.json_response({"error": {"message": "no"}}, status=reply)
            return completion("cut", "length") if reply is None else completion(reply)

        with FakeServer(answer).running() as server:
            config, slug = self._config(text, server.base_url)
            serving, problems = Path("serving.yaml"), Path("problems.parquet")
            inferred = infer(config.served[slug], None, config.settings.gpus)
            inferred = replace(inferred, reasoning={**inferred.reasoning, **self.reasoning})
            write_serving_config(serving, inferred)
            prepare(BENCHMARK, config.benchmarks[BENCHMARK], self.root, problems)
            parts = [Path(f"{index}.parquet") for index in range(shards)]
            files = {"problems": problems, "serving": serving, "journal": JOURNAL}
            for index, part in enumerate(parts):
                shard = Shard(index, shards)
                generate(config, BENCHMARK, slug, service=None, output=part, shard=shard, **files)
            gather(config, BENCHMARK, slug, shards=parts, output=OUTPUT, **files)
        return list(read_rows(OUTPUT, Generation))

    def _config(self, text: str, url: str) -> tuple[Config, str]:
        self.monkeypatch.chdir(self.root)
        self.monkeypatch.setenv("OPENAI_API_BASE", url)
        # The address is identity, so it comes from the environment: each server has a port of its own.
        model = "model: A/b\nengine: external\nmax_attempts: 1\nconcurrency: 4\nagent: a\n"
        files = {"config/models/asked.yaml": model, "config/agents/a.yaml": text, **PROMPTS}
        write_project(self.root, files)
        path = self.root / "config/benchmarks/sums.yaml"
        path.write_text(re.sub(r"n_samples.*\nk.*\n", f"n_samples: {self.samples}\n", path.read_text()))
        config = load(self.root, models=["asked"], arenas=[])
        (slug,) = config.models
        return config, slug

    def turns(self) -> dict[str, int]:
        """How many turns of each kind the last run asked."""
        kinds = [kind for kind, _ in self.said]
        return {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}
