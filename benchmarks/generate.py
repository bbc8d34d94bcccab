"""Output tokens a second of our client against its peers, on one vLLM server, alternating in one run.

    python benchmarks/generate.py [--rounds 5] [--concurrency 64] [--engines 1] [--model demo/models/late]
                                  [--skip-in-process]

Peers: a bare aiohttp loop that keeps nothing, `vllm bench serve` (its chat backend, which streams), and
vLLM's in-process `LLM.chat` (of one engine). All get the same prompts (8 for each that is under way at once),
output length and concurrency; who goes first changes from round to round. `--engines` is the server's
data_parallel_size; an engine without a GPU takes one core, so with as many as there are cores the client
and the server's HTTP side take from the engines what they need.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import aiohttp

from snakeval.asking.ask import Limits
from snakeval.asking.endpoints import Endpoint
from snakeval.asking.request import Request
from snakeval.asking.rows import complete
from snakeval.serving.engines import CPU_VARIABLES, MISSING, vllm
from snakeval.serving.launches import executable
from snakeval.serving.server import EngineServer
from snakeval.serving.spec import ServeSpec

OUTPUT_TOKENS, PROMPTS_PER_PLACE = 128, 8
NAME = "benchmarked"
BODY = {"max_tokens": OUTPUT_TOKENS, "temperature": 0.0, "ignore_eos": True}


class Fixed:
    """The handle of a server that is ready."""

    managed = False

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def demand(self) -> None:
        """It runs already."""

    async def wait_ready(self, timeout: float) -> Endpoint:
        """It is ready."""
        return self._endpoint

    def gone(self) -> str | None:
        """It stays."""
        return None


def prompts(concurrency: int) -> list[str]:
    """The same short problems for everybody, each different so that no prefix is shared to its end."""
    count = PROMPTS_PER_PLACE * concurrency
    return [f"Ada has {i + 10} apples and buys {i % 9 + 2} bags of 7. How many?" for i in range(count)]


def ours(endpoint: Endpoint, concurrency: int) -> tuple[float, float]:
    """(tokens a second, client CPU milliseconds a request), journal on."""
    requests = [
        Request(str(i), 0, f"{i:032x}", ({"role": "user", "content": text},), i, dict(BODY))
        for i, text in enumerate(prompts(concurrency))
    ]
    with tempfile.TemporaryDirectory(prefix="snakeval-") as folder:
        cpu, started = time.process_time(), time.perf_counter()
        complete(requests, Path(folder) / "journal", Fixed(endpoint), Limits(concurrency=concurrency))
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    return len(requests) * OUTPUT_TOKENS / seconds, cpu / len(requests) * 1000


def bare(endpoint: Endpoint, concurrency: int) -> tuple[float, float]:
    """The same requests from the shortest aiohttp loop there is."""
    cpu, started = time.process_time(), time.perf_counter()
    tokens = asyncio.run(_bare(endpoint, concurrency))
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    return tokens / seconds, cpu / (PROMPTS_PER_PLACE * concurrency) * 1000


async def _bare(endpoint: Endpoint, concurrency: int) -> int:
    texts = iter(enumerate(prompts(concurrency)))
    headers = {"Authorization": f"Bearer {endpoint.api_key}"}
    total = 0

    async def worker(session: aiohttp.ClientSession) -> None:
        nonlocal total
        for i, text in texts:
            body = {**BODY, "model": NAME, "seed": i, "messages": [{"role": "user", "content": text}]}
            async with session.post(f"{endpoint.base_urls[0]}/chat/completions", json=body) as response:
                total += (await response.json())["usage"]["completion_tokens"]

    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=3)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        await asyncio.gather(*(worker(session) for _ in range(concurrency)))
    return total


def bench_serve(endpoint: Endpoint, model: str, folder: Path, concurrency: int) -> float:
    """Output tokens a second as `vllm bench serve` itself reports them (its start-up not counted)."""
    data = folder / "prompts.jsonl"
    texts = prompts(concurrency)
    data.write_text("".join(json.dumps({"prompt": text}) + "\n" for text in texts))
    command = [
        *(executable("vllm", MISSING), "bench", "serve", "--backend", "openai-chat"),
        *("--base-url", endpoint.base_urls[0].removesuffix("/v1"), "--endpoint", "/v1/chat/completions"),
        *("--model", NAME, "--tokenizer", model, "--dataset-name", "custom", "--dataset-path", str(data)),
        *("--custom-output-len", str(OUTPUT_TOKENS), "--skip-chat-template", "--ignore-eos"),
        *("--num-prompts", str(len(texts)), "--max-concurrency", str(concurrency), "--disable-shuffle"),
        *("--temperature", "0"),
    ]
    environment = {**os.environ, "OPENAI_API_KEY": endpoint.api_key or "", "HF_HUB_OFFLINE": "1"}
    printed = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    found = re.search(r"Output token throughput \(tok/s\):\s+([\d.]+)", printed.stdout)
    if not found:
        raise SystemExit(f"vllm bench serve failed:\n{printed.stdout[-2000:]}{printed.stderr[-2000:]}")
    return float(found[1])


IN_PROCESS = """
import json, sys, time
from vllm import LLM, SamplingParams
if __name__ == "__main__":
    model, tokens, rounds, prompts, places = json.loads(sys.stdin.read())
    llm = LLM(model, enforce_eager=True, kv_cache_memory_bytes=256 << 20, max_model_len=512,
              max_num_seqs=places, enable_chunked_prefill=False, enable_prefix_caching=False,
              disable_log_stats=True)
    parameters = SamplingParams(max_tokens=tokens, temperature=0.0, ignore_eos=True)
    chats = [[{"role": "user", "content": text}] for text in prompts]
    for _ in range(rounds):
        started = time.perf_counter()
        llm.chat(chats, parameters, use_tqdm=False)
        print("RATE", len(prompts) * tokens / (time.perf_counter() - started), flush=True)
"""


def in_process(model: str, rounds: int, folder: Path, concurrency: int) -> list[float]:
    """Tokens a second of `LLM.chat` in a process of its own, after the server has gone."""
    script = folder / "in_process.py"
    script.write_text(IN_PROCESS)
    environment = {**os.environ, **CPU_VARIABLES, "HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1"}
    job = json.dumps([model, OUTPUT_TOKENS, rounds + 1, prompts(concurrency), concurrency])
    printed = subprocess.run(
        [str(Path(executable("vllm", MISSING)).with_name("python")), str(script)],
        input=job,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    rates = [float(line.split()[1]) for line in printed.stdout.splitlines() if line.startswith("RATE")]
    if not rates:
        raise SystemExit(f"LLM.chat failed:\n{printed.stderr[-2000:]}")
    return rates[1:]


def alternate(
    model: str, rounds: int, folder: Path, concurrency: int, engines: int
) -> dict[str, list[float]]:
    """The peers in turn on one server; the first round of each is warm-up and not counted."""
    spec = ServeSpec(NAME, model=model, max_model_len=512, data_parallel_size=engines, gpus={"per_node": 0})
    launch = vllm(spec)
    figures: dict[str, list[float]] = {"ours": [], "cpu": [], "bare": [], "bare cpu": [], "bench": []}
    with EngineServer(launch, NAME, folder / "engine.log") as server:
        endpoint = Endpoint((server.wait_ready(300),), NAME, server.api_key)
        turns: list[Callable[[], dict[str, float]]] = [
            lambda: dict(zip(("ours", "cpu"), ours(endpoint, concurrency), strict=True)),
            lambda: dict(zip(("bare", "bare cpu"), bare(endpoint, concurrency), strict=True)),
            lambda: {"bench": bench_serve(endpoint, model, folder, concurrency)},
        ]
        for number in range(rounds + 1):
            first = number % len(turns)
            found = {key: value for turn in turns[first:] + turns[:first] for key, value in turn().items()}
            print(
                f"round {number}: ours {found['ours']:.0f}, bare aiohttp {found['bare']:.0f}, "
                f"vllm bench serve {found['bench']:.0f}",
                flush=True,
            )
            for key, values in figures.items():
                values += [found[key]] if number else []
    return figures


def main() -> None:
    """Print the medians and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--engines", type=int, default=1)
    parser.add_argument("--model", default="demo/models/late")
    parser.add_argument("--skip-in-process", action="store_true")
    options = parser.parse_args()
    model, rounds, concurrency = options.model, options.rounds, options.concurrency
    with tempfile.TemporaryDirectory(prefix="snakeval-") as name:
        figures = alternate(model, rounds, Path(name), concurrency, options.engines)
        inside = [] if options.skip_in_process else in_process(model, rounds, Path(name), concurrency)
    medians = {key: statistics.median(values) for key, values in figures.items()}
    count = PROMPTS_PER_PLACE * concurrency
    print(f"medians of {rounds} rounds; {count} x {OUTPUT_TOKENS} tokens, {concurrency} at once, ", end="")
    print(f"{options.engines} engine{'s'[: options.engines - 1]}")
    print(f"ours, journal on: {medians['ours']:.0f} tokens/s, {medians['cpu']:.2f} ms client CPU a request")
    print(f"bare aiohttp: {medians['bare']:.0f} tokens/s, {medians['bare cpu']:.2f} ms; ", end="")
    print(f"ratio {medians['ours'] / medians['bare']:.2f} (wanted 0.95)")
    print(f"vllm bench serve: {medians['bench']:.0f} tokens/s; ", end="")
    print(f"ratio {medians['ours'] / medians['bench']:.2f} (wanted 1.2)")
    if inside:
        rate = statistics.median(inside)
        print(f"in-process LLM.chat: {rate:.0f} tokens/s; ratio {medians['ours'] / rate:.2f}")


if __name__ == "__main__":
    main()
