"""The phase of an engine's start, by the line of its log that says it last."""

from __future__ import annotations

from pathlib import Path

import pytest

from snakeval.serving.loading import phase

# Lines as vLLM 0.32 (on the CPU and on a GPU), SGLang 0.5 and llama.cpp's server write them.
CASES: dict[str, tuple[list[str], str]] = {
    "nothing yet": ([], "starting"),
    "before the first phase": (["INFO 12-01 api_server.py:1896] vLLM API server version 0.32.0"], "starting"),
    "vLLM's weights": (
        ["INFO [gpu_model_runner.py:2602] Starting to load model org/m..."],
        "loading weights",
    ),
    "safetensors": (["Loading safetensors checkpoint shards:  50% Completed | 1/2"], "loading weights"),
    "compiling": (
        ["Starting to load model m", "INFO [backends.py:548] Using cache directory for torch.compile"],
        "compiling",
    ),
    "the cache": (
        ["torch.compile takes 3.1 s", "INFO [kv_cache_utils.py:1087] GPU KV cache size: 431,248 tokens"],
        "making room for its cache",
    ),
    "graphs": (["GPU KV cache size: 4", "Capturing CUDA graphs (mixed): 12%"], "capturing CUDA graphs"),
    "SGLang's": (["Load weight begin. avail mem=78.58 GB"], "loading weights"),
    "SGLang's graphs": (["Load weight end.", "Capture cuda graph begin."], "capturing CUDA graphs"),
    "the port": (["Capturing CUDA graph", "Starting vLLM API server 0 on http://0"], "opening its port"),
    "a download": (["Fetching 12 files:  8%"], "downloading"),
    "an engine started again": (
        ["Application startup complete.", "service: the engine died", "Starting to load model m"],
        "loading weights",
    ),
    "an engine that does not compile": (
        ["WARNING [vllm.py:1703] Enforce eager set, disabling torch.compile, CUDAGraphs, and JIT warmup."],
        "starting",
    ),
    "a word in another sense": (["WARNING the weights of this are unknown"], "starting"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_phase_of_a_log(tmp_path: Path, case: str) -> None:
    lines, expected = CASES[case]
    log = tmp_path / "serve.log"
    log.write_text("".join(f"{line}\n" for line in lines))
    assert phase(log) == expected


def test_a_log_that_is_not_there(tmp_path: Path) -> None:
    assert phase(tmp_path / "serve.log") == "starting"


def test_of_a_long_log_the_end_counts(tmp_path: Path) -> None:
    log = tmp_path / "serve.log"
    log.write_text("Capturing CUDA graphs\n" + "x" * 100_000 + "\nStarting to load model m\n")
    assert phase(log) == "loading weights"
