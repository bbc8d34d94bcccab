"""Find a Python for an environment, or fetch one with uv into it where none is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from requirements.process import CommandFailed, SetupError, run

OLDEST = (3, 11)
LOCKED = (3, 11)
"""The version that engine.lock is made for and tested with."""

PROBE = (
    "import sys, importlib.util as u; "
    "print(*sys.version_info[:3], all(u.find_spec(m) for m in ('venv', 'ensurepip')))"
)


@dataclass(frozen=True)
class Interpreter:
    path: str
    version: tuple[int, ...]
    makes_venvs: bool

    @property
    def release(self) -> tuple[int, ...]:
        return self.version[:2]

    def __str__(self) -> str:
        return f"Python {'.'.join(map(str, self.version))} ({self.path})"


def probe(path: str) -> Interpreter | None:
    """What `path` is, or None if it does not run (a pyenv shim of a version that is not selected, say)."""
    try:
        done = subprocess.run([path, "-c", PROBE], capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    *version, makes_venvs = done.stdout.split()
    return Interpreter(path, tuple(map(int, version)), makes_venvs == "True")


def suits(python: Interpreter, locked: bool) -> bool:
    return python.release == LOCKED if locked else python.release >= OLDEST


def candidates(venv: Path) -> Iterator[str]:
    """Paths worth probing, best first: this Python, PATH, pyenv's and uv's folders, one fetched before."""
    home = Path.home()
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    folders += sorted(Path(os.environ.get("PYENV_ROOT", home / ".pyenv")).glob("versions/3.*/bin"))
    folders += sorted((home / ".local/share/uv/python").glob("cpython-3.*/bin"))
    for folder in (venv, venv.parent):
        folders += sorted((folder / "python").glob("cpython-3.*/bin"))
    paths = [Path(sys.executable)]
    for name in ("python3.11", "python3", "python3.12", "python3.13", "python3.14"):
        paths += [folder / name for folder in folders]
    # An activated .venv comes first on PATH; it cannot be made from itself.
    yield from (str(path) for path in paths if path.exists() and path.parent != venv / "bin")


def find_python(venv: Path, locked: bool, asked: str | None) -> Interpreter | None:
    """The Python to make .venv with, or None if no suitable one is installed.

    `locked`: it must be 3.11. `asked`: take this one, a path or a name on PATH, or fail.
    """
    if asked:
        return _asked_python(asked, locked)
    without_venv = None
    for path in candidates(venv):
        python = probe(path)
        if python is None or not suits(python, locked):
            continue
        if python.makes_venvs:
            return python
        without_venv = without_venv or python
    if without_venv is not None:
        raise SetupError(_no_venv_line(without_venv))
    return None


def _asked_python(asked: str, locked: bool) -> Interpreter:
    python = probe(shutil.which(asked) or asked)
    if python is None:
        raise SetupError(
            f"PYTHON={asked} does not run: give the path of {_wanted(locked)}, or leave PYTHON out"
        )
    if not suits(python, locked):
        raise SetupError(f"PYTHON={asked} is {python}, but {_wanted(locked)} is needed here")
    if not python.makes_venvs:
        raise SetupError(_no_venv_line(python))
    return python


def _wanted(locked: bool) -> str:
    return "Python 3.11" if locked else "Python 3.11 or newer"


def _no_venv_line(python: Interpreter) -> str:
    name = "python{}.{}-venv".format(*python.version)
    return (
        f"{python} cannot make virtual environments: `apt-get install python3-venv`"
        f" (or {name}, if it is not the system's own version)"
    )


def fetch_python(venv: Path, log: Path, uv_requirement: str) -> Interpreter:
    """Have uv download Python 3.11 into `venv`/python; the Python that runs this installs that uv."""
    here = probe(sys.executable)
    if here is not None and not here.makes_venvs:
        raise SetupError(_no_venv_line(here))
    helper = venv / "fetch"
    try:
        run([sys.executable, "-m", "venv", str(helper)], log)
        run([str(helper / "bin/pip"), "install", "--quiet", uv_requirement], log)
        run(
            [
                str(helper / "bin/uv"),
                "python",
                "install",
                "--install-dir",
                str(venv / "python"),
                "--no-bin",
                "3.11",
            ],
            log,
        )
    except CommandFailed as failure:
        raise SetupError(
            "Python 3.11 is needed, none was found and uv could not fetch one: install it (apt-get install"
            " python3.11 python3.11-venv, or pyenv install 3.11, or uv python install 3.11), or name one:"
            f" PYTHON=/path/to/python3.11 (details: {log})"
        ) from failure
    found = find_python(venv, locked=True, asked=None)
    if found is None:
        raise SetupError(
            f"the Python 3.11 that uv fetched into {venv / 'python'} does not run (details: {log})"
        )
    return found
