"""Verdicts a second of the demo's pair judge, end to end, against what its server gives a bare client.

    python benchmarks/judging.py [--rounds 4] [--questions 500]

Ours is the whole stage: answers read, prompts rendered, asked, journalled, verdicts read, the file written.
The server's limit is a bare aiohttp loop that sends the same chats, 64 at once, and keeps nothing. Both take
turns on one vLLM server, now the one first and now the other; the first round is warm-up and not counted.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

import aiohttp
import yaml

from snakeval.arena.duels import judge_duels
from snakeval.arena.wordings import write_prompts
from snakeval.asking.endpoints import Endpoint
from snakeval.config import Config, load_config
from snakeval.models.infer import infer_config
from snakeval.serving.engines import vllm
from snakeval.serving.server import EngineServer
from snakeval.serving.spec import ServeSpec
from snakeval.system.tables import write_rows
from snakeval.types import Generation, Json, Message, Problem

CONCURRENCY = 64
NAME, KEY = "benchmarked", "BENCHMARK_KEY"
ARENA, JUDGE, MODEL, BASELINE = "demo", "demo-pair", "demo-late", "demo-early"
MAX_TOKENS = 160


def write_inputs(folder: Path, count: int) -> None:
    """Questions, all different, with two participants' answers."""
    asked, replies = [], {MODEL: [], BASELINE: []}  # type: ignore[var-annotated]
    for i in range(count):
        boxes, each = i // 8 % 8 + 2, i % 8 + 2
        text = (
            f"Ada fills {boxes} boxes with {each} pens each and then gives away {i % 5 + 1} pens. (No. {i})"
        )
        chat: tuple[Message, ...] = ({"role": "user", "content": text},)
        asked.append(Problem(str(i), chat, None))
        for name, slip in ((MODEL, 0), (BASELINE, i % 3)):
            product = boxes * each + slip
            left = product - i % 5 - 1
            said = f"First, {boxes} * {each} = {product}. The answer is \\boxed{{{left}}}."
            replies[name].append(Generation(str(i), 0, f"{i:032x}", chat, i, said, None, "stop", 1, 30, 0.1))
    write_rows(folder / "problems.parquet", Problem, asked)
    for name, rows in replies.items():
        write_rows(folder / f"{name}.parquet", Generation, rows)


def configured(endpoint: Endpoint) -> Config:
    """The demo's configuration, its judge being at an address; each verdict is asked for once."""
    root = Path.cwd()
    config = load_config(yaml.safe_load((root / "config/config.yaml").read_text()), root, check_data=False)
    os.environ[KEY] = endpoint.api_key or ""
    slug = config.judge_slug[JUDGE]
    address = {"engine": "external", "base_urls": endpoint.base_urls, "served_model_name": NAME}
    served = config.served[slug].model_copy(
        update={**address, "api_key_env": KEY, "concurrency": CONCURRENCY}
    )
    judge = config.judges[JUDGE].model_copy(update={"max_attempts": 1})
    return dataclasses.replace(
        config, served={**config.served, slug: served}, judges={**config.judges, JUDGE: judge}
    )


def ours(config: Config, folder: Path, number: int) -> tuple[float, list[Json]]:
    """(verdicts a second, the judgments) of one whole stage with a journal of its own."""
    output = folder / f"judgments-{number}.jsonl"
    started = time.perf_counter()
    judge_duels(
        *(config, ARENA, JUDGE, MODEL),
        problems=folder / "problems.parquet",
        generations={name: folder / f"{name}.parquet" for name in (MODEL, BASELINE)},
        prompts=folder / "prompts.json",
        serving=folder / "judge.yaml",
        service=None,
        journal=folder / f"journal-{number}",
        output=output,
    )
    seconds = time.perf_counter() - started
    rows = [json.loads(line) for line in output.read_text().splitlines()]
    return 2 * len(rows) / seconds, rows


def bare(endpoint: Endpoint, chats: list[list[Message]]) -> float:
    """Answers a second of the shortest aiohttp loop there is."""
    started = time.perf_counter()
    asyncio.run(_bare(endpoint, chats))
    return len(chats) / (time.perf_counter() - started)


async def _bare(endpoint: Endpoint, chats: list[list[Message]]) -> None:
    waiting = iter(enumerate(chats))
    headers = {"Authorization": f"Bearer {endpoint.api_key}"}

    async def worker(session: aiohttp.ClientSession) -> None:
        for i, chat in waiting:
            body = {"model": NAME, "messages": chat, "seed": i, "temperature": 0, "max_tokens": MAX_TOKENS}
            async with session.post(f"{endpoint.base_urls[0]}/chat/completions", json=body) as response:
                (await response.json())["choices"][0]["message"]["content"]

    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=3)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        await asyncio.gather(*(worker(session) for _ in range(CONCURRENCY)))


def main() -> None:
    """Print both rates a round, their medians and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--questions", type=int, default=500)
    options = parser.parse_args()
    launch = vllm(ServeSpec(NAME, model="demo/models/pair_judge", max_model_len=1024, gpus={"per_node": 0}))
    rates: dict[str, list[float]] = {"ours": [], "bare": []}
    cpu = 0.0
    with tempfile.TemporaryDirectory(prefix="snakeval-") as name:
        folder = Path(name)
        write_inputs(folder, options.questions)
        with EngineServer(launch, NAME, folder / "engine.log") as server:
            endpoint = Endpoint((server.wait_ready(300),), NAME, server.api_key)
            config = configured(endpoint)
            write_prompts(config.arenas[ARENA], folder / "prompts.json")
            slug = config.judge_slug[JUDGE]
            infer_config(slug, config.served[slug], config.settings.gpus, folder / "judge.yaml")
            chats: list[list[Message]] = []
            for number in range(options.rounds + 1):
                limit = bare(endpoint, chats) if number % 2 else 0.0
                before = time.process_time()
                rate, rows = ours(config, folder, number)
                cpu = time.process_time() - before
                chats = [game["prompt"] for row in rows for game in row["games"]]
                limit = limit or bare(endpoint, chats)
                print(f"round {number}: ours {rate:.1f}, bare {limit:.1f} verdicts/s, {rate / limit:.2f}")
                if number:
                    rates["ours"].append(rate)
                    rates["bare"].append(limit)
    labels = sum(game["score"] is not None for row in rows for game in row["games"])
    print(f"{2 * options.questions} games, {labels} with a verdict; medians of {options.rounds} rounds")
    print(f"client CPU of the last round: {1000 * cpu / (2 * options.questions):.2f} ms a verdict")
    medians = {key: statistics.median(values) for key, values in rates.items()}
    print(f"ours {medians['ours']:.1f}, the server's limit {medians['bare']:.1f} verdicts/s; ", end="")
    # Both of a round met the machine in much the same state; those of different rounds did not.
    ratio = statistics.median(one / other for one, other in zip(*rates.values(), strict=True))
    print(f"median of the rounds' ratios {ratio:.2f} (wanted 0.95)")


if __name__ == "__main__":
    main()
