"""Run programs that nobody vouches for: files, command, limits -> how it ended.

`choose` finds the sandbox that this machine has, `run` runs one job in it. docs/sandbox.md has the threat
model. Worker processes import this package, so it holds nothing that takes long to import.
"""

from snakeval.sandbox.choice import choose
from snakeval.sandbox.run import run
from snakeval.sandbox.types import Ending, Isolation, Job, Limits, SandboxError

__all__ = ["Ending", "Isolation", "Job", "Limits", "SandboxError", "choose", "run"]
