"""Output tokens a second of our client against its peers, on one vLLM server, alternating in one run.

    python benchmarks/generate.py [--rounds 5] [--model demo/models/late] [--skip-in-process]

Peers: a bare aiohttp loop that keeps nothing, `vllm bench serve` (its chat backend, which streams), and
vLLM's in-process `LLM.generate`. All get the same prompts, output length and concurrency.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import aiohttp

from snakeval.asking import Limits
from snakeval.endpoints import Endpoint
from snakeval.engines import CPU_VARIABLES, vllm
from snakeval.request import Request
from snakeval.rows import complete
from snakeval.serve_spec import ServeSpec
from snakeval.serving import EngineServer

PROMPTS, OUTPUT_TOKENS, CONCURRENCY = 512, 128, 64
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


def prompts() -> list[str]:
    """The same short problems for everybody, each different so that no prefix is shared to its end."""
    return [f"Ada has {i + 10} apples and buys {i % 9 + 2} bags of 7. How many?" for i in range(PROMPTS)]


def ours(endpoint: Endpoint) -> tuple[float, float]:
    """(tokens a second, client CPU milliseconds a request), journal on."""
    requests = [
        Request(str(i), 0, f"{i:032x}", ({"role": "user", "content": text},), i, dict(BODY))
        for i, text in enumerate(prompts())
    ]
    with tempfile.TemporaryDirectory(prefix="snakeval-") as folder:
        cpu, started = time.process_time(), time.perf_counter()
        complete(requests, Path(folder) / "journal", Fixed(endpoint), Limits(concurrency=CONCURRENCY))
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    return PROMPTS * OUTPUT_TOKENS / seconds, cpu / PROMPTS * 1000


def bare(endpoint: Endpoint) -> tuple[float, float]:
    """The same requests from the shortest aiohttp loop there is."""
    cpu, started = time.process_time(), time.perf_counter()
    tokens = asyncio.run(_bare(endpoint))
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    return tokens / seconds, cpu / PROMPTS * 1000


async def _bare(endpoint: Endpoint) -> int:
    texts = iter(enumerate(prompts()))
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
        await asyncio.gather(*(worker(session) for _ in range(CONCURRENCY)))
    return total


def bench_serve(endpoint: Endpoint, model: str, folder: Path) -> float:
    """Output tokens a second as `vllm bench serve` itself reports them (its start-up not counted)."""
    data = folder / "prompts.jsonl"
    data.write_text("".join(json.dumps({"prompt": text}) + "\n" for text in prompts()))
    command = [
        *(str(Path(sys.executable).with_name("vllm")), "bench", "serve", "--backend", "openai-chat"),
        *("--base-url", endpoint.base_urls[0].removesuffix("/v1"), "--endpoint", "/v1/chat/completions"),
        *("--model", NAME, "--tokenizer", model, "--dataset-name", "custom", "--dataset-path", str(data)),
        *("--custom-output-len", str(OUTPUT_TOKENS), "--skip-chat-template", "--ignore-eos"),
        *("--num-prompts", str(PROMPTS), "--max-concurrency", str(CONCURRENCY), "--disable-shuffle"),
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
    model, tokens, rounds, prompts = json.loads(sys.stdin.read())
    llm = LLM(model, enforce_eager=True, kv_cache_memory_bytes=64 << 20, max_model_len=512, max_num_seqs=64,
              enable_chunked_prefill=False, enable_prefix_caching=False, disable_log_stats=True)
    parameters = SamplingParams(max_tokens=tokens, temperature=0.0, ignore_eos=True)
    chats = [[{"role": "user", "content": text}] for text in prompts]
    for _ in range(rounds):
        started = time.perf_counter()
        llm.chat(chats, parameters, use_tqdm=False)
        print("RATE", len(prompts) * tokens / (time.perf_counter() - started), flush=True)
"""


def in_process(model: str, rounds: int, folder: Path) -> list[float]:
    """Tokens a second of `LLM.chat` in a process of its own, after the server has gone."""
    script = folder / "in_process.py"
    script.write_text(IN_PROCESS)
    environment = {**os.environ, **CPU_VARIABLES, "HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1"}
    job = json.dumps([model, OUTPUT_TOKENS, rounds + 1, prompts()])
    printed = subprocess.run(
        [sys.executable, str(script)], input=job, env=environment, capture_output=True, text=True, check=False
    )
    rates = [float(line.split()[1]) for line in printed.stdout.splitlines() if line.startswith("RATE")]
    if not rates:
        raise SystemExit(f"LLM.chat failed:\n{printed.stderr[-2000:]}")
    return rates[1:]


def alternate(model: str, rounds: int, folder: Path) -> dict[str, list[float]]:
    """The peers in turn on one server; the first round of each is warm-up and not counted."""
    launch = vllm(ServeSpec(NAME, model=model, max_model_len=512, gpus={"per_node": 0}))
    figures: dict[str, list[float]] = {"ours": [], "cpu": [], "bare": [], "bare cpu": [], "bench": []}
    with EngineServer(launch, NAME, folder / "engine.log") as server:
        endpoint = Endpoint((server.wait_ready(300),), NAME, server.api_key)
        for number in range(rounds + 1):
            rate, cpu = ours(endpoint)
            bare_rate, bare_cpu = bare(endpoint)
            bench = bench_serve(endpoint, model, folder)
            print(
                f"round {number}: ours {rate:.0f}, bare aiohttp {bare_rate:.0f}, vllm bench serve {bench:.0f}"
            )
            if number:
                for key, value in zip(figures, (rate, cpu, bare_rate, bare_cpu, bench), strict=True):
                    figures[key].append(value)
    return figures


def main() -> None:
    """Print the medians and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--model", default="demo/models/late")
    parser.add_argument("--skip-in-process", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="snakeval-") as name:
        figures = alternate(options.model, options.rounds, Path(name))
        inside = [] if options.skip_in_process else in_process(options.model, options.rounds, Path(name))
    medians = {key: statistics.median(values) for key, values in figures.items()}
    print(f"medians of {options.rounds} rounds; {PROMPTS} x {OUTPUT_TOKENS} tokens, {CONCURRENCY} at once")
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
