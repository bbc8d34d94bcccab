"""Which sandbox there is on this machine, tried by running it."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

from snakeval.sandbox.run import run
from snakeval.sandbox.types import MIB, Isolation, Job, Limits, SandboxError

PROBE = Limits(wall=20, memory=256 * MIB)
ADVICE = (
    "Install bubblewrap where user namespaces are allowed (apt-get install bubblewrap), or apptainer and "
    "give the grader an 'image'; or set 'unsafe: true' under the grader's 'code', which runs what models "
    "write with limits but without isolation, and every score says so"
)


def choose(unsafe: bool = False, image: str | None = None, packages: str | None = None) -> Isolation:
    """The best sandbox that works here: bubblewrap, else apptainer with its image, else none if `unsafe`.

    `packages` is a folder that programs may import from. Raises SandboxError, which says what was tried and
    what to do.
    """
    if packages is not None and not Path(packages).is_dir():
        raise SandboxError(
            f"'packages' is no folder here: {packages}. Make it: pip install --target PATH NAME."
        )
    folder = packages and str(Path(packages).resolve())
    found, tried = _found(image)
    if found is not None:
        return replace(found, packages=folder)
    reason = "; ".join(tried)
    if unsafe:
        return Isolation("none", reason=reason, packages=folder)
    raise SandboxError(f"no sandbox works here ({reason}). {ADVICE}.")


@cache
def _found(image: str | None) -> tuple[Isolation | None, tuple[str, ...]]:
    # Never root in a user namespace: outside it is still user 0, whom /proc/sys obeys without capabilities.
    candidates = [Isolation("bubblewrap", switch_uid=os.geteuid() == 0)]
    if image:
        candidates.append(Isolation("apptainer", image=image))
    tried: list[str] = []
    for candidate in candidates:
        if (fault := _fault(candidate)) is None:
            return candidate, ()
        tried.append(f"{candidate.kind}: {fault}")
    return None, tuple(dict.fromkeys(tried))


def _fault(isolation: Isolation) -> str | None:
    """Why a sandbox does not work, None where it does."""
    program = "bwrap" if isolation.kind == "bubblewrap" else isolation.kind
    if shutil.which(program) is None:
        return f"there is no program '{program}'"
    try:
        ending = run(Job(("/bin/echo", "inside")), PROBE, isolation)
    except (OSError, SandboxError) as error:
        return str(error)
    if ending.status == "exited" and ending.code == 0 and ending.stdout == b"inside\n":
        return None
    said = (ending.stderr or ending.stdout).decode(errors="replace").strip()
    return f"{ending.status} {ending.code}: {said[-300:]}"
