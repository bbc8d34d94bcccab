"""The calls of functions that Snakemake makes until it has parsed the workflow: python calls.py [ARGUMENTS].

Run in a project's folder; prints their number. Unlike seconds, it is the same on every machine.
"""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

from snakemake import cli
from snakemake.workflow import Workflow

include = Workflow.include


def main(arguments: list[str]) -> None:
    """Count the calls while the Snakefile, and what it includes, is evaluated."""
    count = depth = 0

    def note(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    def counted(self: Any, *args: Any, **named: Any) -> Any:
        nonlocal depth
        depth += 1
        sys.setprofile(note)
        try:
            return include(self, *args, **named)
        finally:
            depth -= 1
            if not depth:
                sys.setprofile(None)

    Workflow.include = counted
    try:
        cli.main(["-n", "--quiet=all", *arguments])
    finally:
        print(f"calls: {count}")


if __name__ == "__main__":
    main(sys.argv[1:])
