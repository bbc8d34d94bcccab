"""What an engine that does not answer yet is doing, from the end of its log. Standard library alone."""

from __future__ import annotations

import re
from pathlib import Path

from snakeval.system.files import end_of

TAIL_BYTES = 64 << 10
# What engines log when a phase of their start begins; of those that are there the last line counts.
# vLLM 0.22 to 0.32, SGLang 0.4 and 0.5, llama.cpp's server.
PHASES = {
    "loading weights": r"Starting to load model|Loading (?:safetensors|weights)|Load weight begin",
    "compiling": r"for torch\.compile|torch\.compile takes|Dynamo bytecode|Compiling a graph",
    "making room for its cache": r"Model loading took|Load weight end|KV cache size|init engine",
    "capturing CUDA graphs": r"[Cc]aptur(?:e|ing) (?:CUDA|cuda) ?graph",
    "opening its port": r"Starting vLLM (?:API )?server|Application startup|Started server process",
    "downloading": r"Downloading|snapshot_download|Fetching \d+ files",
}
_ANY = re.compile("|".join(f"({pattern})" for pattern in PHASES.values()))


def phase(log: Path) -> str:
    """The phase that an engine's log names last; "starting" before the first."""
    try:
        text = end_of(log, TAIL_BYTES)
    except OSError:
        return "starting"
    named = [found.lastindex for found in _ANY.finditer(text) if found.lastindex]
    return list(PHASES)[named[-1] - 1] if named else "starting"
