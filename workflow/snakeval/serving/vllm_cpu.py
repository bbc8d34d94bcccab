"""`vllm` for one small model on a CPU, started in half the CPU time.

It is used as `vllm` is: python vllm_cpu.py serve ...; by the Python of vLLM's environment, which has no
Snakeval.

Nearly all of the start is imports. vLLM's CPU platform spawns the engine's process, which imports
everything once more; here the engine is forked, as vLLM does by default on other platforms. That needs
OMP_NUM_THREADS=1, because a pool of OpenMP threads does not survive a fork, and one worker that lives in
the engine's process. What is computed is the same. Where a vLLM has no such platform, nothing is changed.
"""

from __future__ import annotations

import gc
import os
import sys
from typing import Any


def fork_engine() -> None:
    """Have the engine forked once its configuration is made, and collect no garbage until then."""
    gc.disable()
    try:
        from vllm.platforms.cpu import CpuPlatform

        choose = CpuPlatform.check_and_update_config
    except (ImportError, AttributeError):
        gc.enable()
        return

    def check_and_update_config(*arguments: Any) -> None:
        choose(*arguments)
        os.environ["VLLM_WORKER_MULTIPROC_METHOD"] = "fork"
        # What was imported so far is never collected, nor copied into the engine by counting it.
        gc.freeze()
        gc.enable()

    CpuPlatform.check_and_update_config = staticmethod(check_and_update_config)


def main() -> object:
    """Run vLLM's own command line."""
    fork_engine()
    from vllm.entrypoints.cli.main import main as vllm_main

    sys.argv[0] = "vllm"
    return vllm_main()


if __name__ == "__main__":
    sys.exit(main())  # type: ignore[arg-type]
