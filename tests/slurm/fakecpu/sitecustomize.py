"""Inside a job of the test cluster, Snakemake's `--cores all` sees the 64 processors that a node claims."""

import os

if "SLURM_JOB_ID" in os.environ:
    import builtins
    import multiprocessing
    from typing import Any

    CLAIMED = 64
    really_open = builtins.open

    def open_but_status(file: Any, *arguments: Any, **options: Any) -> Any:
        """Snakemake counts the processors that /proc/self/status allows; without it those of the machine."""
        if file == "/proc/self/status":
            raise OSError("not shown to jobs of the test cluster")
        return really_open(file, *arguments, **options)

    builtins.open = open_but_status
    multiprocessing.cpu_count = lambda: CLAIMED
