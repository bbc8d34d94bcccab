"""Run programs that nobody vouches for: files, command, limits -> how it ended.

`choose` finds the sandbox that this machine has, `run` runs one job in it. docs/sandbox.md has the threat
model. Graders import from it; it imports nothing but `system`, and, as
worker processes and what runs inside need it, nothing that takes long.
"""

from snakeval.sandbox.choice import choose
from snakeval.sandbox.run import run
from snakeval.sandbox.types import Ending, Isolation, Job, Limits, SandboxError

__all__ = ["Ending", "Isolation", "Job", "Limits", "SandboxError", "choose", "run"]
