"""What the tests of the sandbox share: which sandboxes there are here, and a Python program in one."""

from __future__ import annotations

import atexit
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import debian
import snakeval
from snakeval.sandbox import Ending, Isolation, Job, Limits, run
from snakeval.sandbox.commands import python
from snakeval.sandbox.exam import Examiner, Result
from snakeval.sandbox.forks import Forks
from snakeval.sandbox.types import MIB

PYTHON = "an interpreter"
EXAMINERS = ("other-uid", "userns", "no forks", "unsafe")
OTHER_USER = ("setpriv", "--reuid=54321", "--regid=54321", "--clear-groups", "/usr/bin/env")
CALLER = """
import pickle, sys
from snakeval.sandbox import Job, run
from snakeval.sandbox.commands import python
isolation, command, limits, files, stdin = pickle.load(sys.stdin.buffer)
command = tuple(part for word in command for part in (python() if word == "an interpreter" else (word,)))
sys.stdout.buffer.write(pickle.dumps(run(Job(command, files or {}, stdin), limits, isolation)))
"""
EXAMINER = """
import pickle, sys
from snakeval.sandbox import Isolation
from snakeval.sandbox.exam import Examiner
with Examiner(Isolation("bubblewrap")) as examiner:
    assert examiner.forks
    while True:
        try:
            order = pickle.load(sys.stdin.buffer)
        except EOFError:
            break
        pickle.dump(examiner.examine(*order), sys.stdout.buffer)
        sys.stdout.flush()
"""
SMALL = Limits(wall=120, cpu=4, memory=128 * MIB, processes=16, file=4 * MIB, disk=16 * MIB, output=1 * MIB)


@cache
def install(program: str, package: str) -> str | None:
    """Why a program is not there, None where it is; as root on Debian the package is installed if need be."""
    if shutil.which(program):
        return None
    try:
        debian.require([package])
    except debian.Unavailable as reason:
        return str(reason)
    return None if shutil.which(program) else f"{package} has no {program}"


@cache
def isolations() -> list[Isolation]:
    """The sandboxes that work here: as another user (root only), in a user namespace (anyone but root)."""
    if install("bwrap", "bubblewrap"):
        return []
    if os.geteuid() != 0:
        kinds = [Isolation("bubblewrap")]
    else:
        kinds = [
            Isolation("bubblewrap", switch_uid=True),
            *([Isolation("bubblewrap")] if _other_python() else []),
        ]
    return [kind for kind in kinds if run_job(kind, ("/bin/echo",)).code == 0]


@cache
def _other_python() -> str | None:
    """An interpreter that another user can start."""
    for path in (str(Path(sys.executable).resolve()), shutil.which("python3.11"), "/usr/bin/python3"):
        test = [*OTHER_USER, str(path), "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
        if path and subprocess.run(test, capture_output=True, check=False).returncode == 0:
            return path
    return None


@cache
def _copied_package() -> str:
    """The package where another user can read it."""
    folder = Path(tempfile.mkdtemp(prefix="snakeval-package-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    source = Path(snakeval.__file__).parent
    shutil.copytree(
        source / "sandbox", folder / "snakeval/sandbox", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(source / "__init__.py", folder / "snakeval")
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755)
    return str(folder)


def _by_another(code: str) -> dict[str, Any]:
    """What starts a Python program as another user, with the package; arguments of subprocess'."""
    return {
        "args": [*OTHER_USER, str(_other_python()), "-B", "-c", code],
        "env": {"PYTHONPATH": _copied_package(), "PATH": os.environ["PATH"]},
    }


def run_job(
    isolation: Isolation,
    command: tuple[str, ...],
    limits: Limits = SMALL,
    files: Mapping[str, bytes] | None = None,
    stdin: bytes = b"",
) -> Ending:
    """Run a job; as root, one in a user namespace by another user. PYTHON stands for an interpreter."""
    if os.geteuid() == 0 and not isolation.switch_uid:
        order = pickle.dumps((isolation, command, limits, files, stdin))
        done = subprocess.run(**_by_another(CALLER), input=order, capture_output=True, check=False)
        if done.returncode:
            raise AssertionError(done.stderr.decode())
        ending: Ending = pickle.loads(done.stdout)
        return ending
    return run(Job(tuple(command_of(command)), files or {}, stdin), limits, isolation)


class OthersExaminer:
    """An examiner of another user's, in a user namespace; for root, who makes none of his own there."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            **_by_another(EXAMINER), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdin
        assert self._process.stdout
        self._orders, self._results = self._process.stdin, self._process.stdout

    def examine(self, problem: str, program: str, limits: Limits) -> Result:
        pickle.dump((problem, program, limits), self._orders)
        self._orders.flush()
        result: Result = pickle.load(self._results)
        return result

    def __enter__(self) -> OthersExaminer:
        return self

    def __exit__(self, *error: object) -> None:
        self._orders.close()
        assert self._process.wait(30) == 0
        self._results.close()


def examiner(kind: str) -> Examiner | OthersExaminer:
    """An examiner of one of EXAMINERS; skips where it can't be had here."""
    if kind == "unsafe":
        return Examiner(Isolation("none", reason="a test"))
    wanted = Isolation("bubblewrap", switch_uid=os.geteuid() == 0 and kind != "userns")
    if wanted not in isolations() or (kind == "other-uid" and not wanted.switch_uid):
        pytest.skip(f"no such sandbox here: {kind}")
    if kind == "userns" and os.geteuid() == 0:
        return OthersExaminer()
    if kind != "no forks":
        return Examiner(wanted)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Forks, "where_possible", lambda isolation: None)
        return Examiner(wanted)


def command_of(command: tuple[str, ...]) -> list[str]:
    """The command with this interpreter in place of PYTHON."""
    return [part for word in command for part in (python() if word == PYTHON else (word,))]


def run_python(
    isolation: Isolation,
    code: str,
    *,
    limits: Limits = SMALL,
    files: Mapping[str, bytes] | None = None,
    stdin: bytes = b"",
) -> Ending:
    """Run a Python program in a sandbox."""
    return run_job(isolation, (PYTHON, "-c", code), limits, files, stdin)


def tree_is_gone() -> bool:
    """Whether no sandbox of this process is left."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    names = [Path(f"/proc/{pid}/comm").read_text().strip() for pid in children]
    return "bwrap" not in names


needs_sandbox = pytest.mark.skipif(
    not isolations(),
    reason=install("bwrap", "bubblewrap") or "bubblewrap does not work here (user namespaces?)",
)
