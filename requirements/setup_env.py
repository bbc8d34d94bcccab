"""Bring .venv to a lock: `python3 -m requirements.setup_env workflow|cpu|test`, standard library only.

It writes into .venv, the caches of pip and uv, and workflow/snakeval.egg-info (the editable install). It
costs nothing once done, and goes on where it was stopped. What its programs print is in .venv/setup.log.
`lock` instead of a group makes the locks again.
"""

from __future__ import annotations

import argparse
import errno
import hashlib
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from requirements.find_python import Interpreter, fetch_python, find_python, probe, suits
from requirements.installer import UV, Installer, bootstrap
from requirements.locks import write_locks
from requirements.process import SPACE_LINE, CommandFailed, SetupError, doing, explain, run
from requirements.punkt import install_punkt
from requirements.stub_wheels import write_stub_wheels

ROOT = Path(__file__).resolve().parent.parent
VLLM_CHECK = """
import vllm
from vllm.platforms import current_platform
if not current_platform.is_cpu():
    raise SystemExit(f"vLLM chose the platform {current_platform.device_type!r}, not 'cpu'")
print(vllm.__version__, "on the CPU")
"""


@dataclass(frozen=True)
class Group:
    """`locked`: Python 3.11 on Linux x86-64 only, with vLLM. `includes`: the groups that come with it."""

    locked: bool
    includes: tuple[str, ...]


GROUPS = {
    "workflow": Group(locked=False, includes=()),
    "cpu": Group(locked=True, includes=("workflow",)),
    "test": Group(locked=True, includes=("workflow", "cpu")),
}


@dataclass(frozen=True)
class Environment:
    """The virtual environment and the files that setting it up keeps in it."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def log(self) -> Path:
        return self.folder / "setup.log"

    @property
    def stamps(self) -> Path:
        return self.folder / "setup.json"

    def unfinished(self, step: str) -> Path:
        """There while `step`, a group or "venv", has begun and not ended; a later run has to mend it."""
        return self.folder / f"setup-unfinished-{step}"


def lock_file(group: str) -> Path:
    return ROOT / "requirements" / f"{group}.lock"


def pins(group: str) -> list[str]:
    lines = lock_file(group).read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def digest(group: str, environment: Environment) -> str:
    """Of all that .venv is made from; its own path too, because its scripts hold it."""
    parts = [lock_file(group).read_bytes(), (ROOT / "pyproject.toml").read_bytes(), bytes(environment.folder)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def is_done(group: str, environment: Environment) -> bool:
    if environment.unfinished(group).exists() or not environment.python.exists():
        return False
    return bool(read_stamps(environment).get(group) == digest(group, environment))


def read_stamps(environment: Environment) -> dict[str, str]:
    return dict(json.loads(environment.stamps.read_text())) if environment.stamps.exists() else {}


def write_stamps(group: str, environment: Environment) -> None:
    names = (group, *GROUPS[group].includes)
    stamps = {**read_stamps(environment), **{name: digest(name, environment) for name in names}}
    environment.stamps.write_text(json.dumps(stamps, indent=2) + "\n")
    for name in names:
        environment.unfinished(name).unlink(missing_ok=True)


@contextmanager
def phase(name: str) -> Iterator[list[str]]:
    """Print the phase when it begins, and with its seconds and the notes that it made when it ends well.

    On a terminal its seconds are counted in between (`requirements.process`), in the same line.
    """
    start = time.monotonic()
    notes: list[str] = []
    doing.append(name)
    if sys.stderr.isatty():
        sys.stderr.write(f"\r  {name} ...\r")
    else:
        print(f"  {name} ...", flush=True)
    try:
        yield notes
    finally:
        doing.pop()
    print(f"  {name:<9}{time.monotonic() - start:6.1f} s  {', '.join(notes)}", flush=True)


def make_venv(environment: Environment, locked: bool, asked: str | None) -> Interpreter:
    """Create .venv, or accept the one that is there if its Python suits."""
    begun = environment.unfinished("venv")
    if environment.folder.exists() and not begun.exists():
        there = probe(str(environment.python))
        if there is None or not suits(there, locked):
            what = "has no working Python" if there is None else f"has {there}"
            needed = "3.11" if locked else "3.11 or newer"
            raise SetupError(f".venv {what}, but Python {needed} is needed: `make clean`, then try again")
        return there
    environment.folder.mkdir(parents=True, exist_ok=True)
    begun.touch()
    python = find_python(environment.folder, locked, asked)
    python = python or fetch_python(environment.folder, environment.log, UV)
    run([python.path, "-m", "venv", str(environment.folder)], environment.log)
    begun.unlink()
    return python


def install_packages(group: str, environment: Environment, installer: Installer, again: bool) -> str:
    """Install all pins of the lock but torch, and Snakeval itself, editable; return a note."""
    chosen = [pin for pin in pins(group) if not pin.startswith("torch==")]
    file = environment.folder / "setup-packages.txt"
    file.write_text("\n".join(chosen) + "\n")
    stubs = environment.folder / "stubs"
    write_stub_wheels(stubs)
    installer.install(["--find-links", str(stubs), "-r", str(file), "-e", str(ROOT)], again=again)
    return f"{len(chosen)} pinned, and snakeval"


def check(environment: Environment, locked: bool) -> str:
    """Run what was installed, all at once; that also compiles much of what the first run would have to."""
    commands = {"snakemake": [str(environment.folder / "bin" / "snakemake"), "--version"]}
    if locked:
        commands["vllm"] = [str(environment.python), "-c", VLLM_CHECK]
    env = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    pipe = subprocess.PIPE
    started = {
        n: subprocess.Popen(c, stdout=pipe, stderr=pipe, text=True, env=env) for n, c in commands.items()
    }
    printed = {name: process.communicate() for name, process in started.items()}
    for name, (out, err) in printed.items():
        if started[name].returncode != 0:
            with environment.log.open("a") as log:
                log.write(f"$ {name}\n{out}{err}")
            raise CommandFailed([f"check of {name}"], started[name].returncode, out + err)
    return ", ".join(f"{name} {out.strip().splitlines()[-1]}" for name, (out, _) in printed.items())


def set_up(group: str, environment: Environment, asked: str | None) -> None:
    """All phases, each timed."""
    locked = GROUPS[group].locked
    machine = f"{platform.system()} {platform.machine()}"
    if locked and machine != "Linux x86_64":
        raise SetupError(
            f"vLLM's CPU build is locked for Linux x86_64 and this is {machine}: `make install` sets up the"
            " workflow without vLLM, for models that are served elsewhere"
        )
    print(f"setting up {environment.folder.name} ({group})", flush=True)
    start = time.monotonic()
    with phase("python") as notes:
        notes.append(str(make_venv(environment, locked, asked)))
    again = any(environment.unfinished(name).exists() for name in GROUPS)
    environment.unfinished(group).touch()
    with phase("installer") as notes:
        installer = bootstrap(environment.python, environment.log)
        notes.append(UV if installer.is_uv else f"pip, because the package index has no {UV}")
    for torch in (pin for pin in pins(group) if pin.startswith("torch==")):
        with phase("torch") as notes:
            notes.append(installer.install_torch(torch, again))
    with phase("packages") as notes:
        notes.append(install_packages(group, environment, installer, again))
    if group == "test":
        with phase("punkt") as notes:
            notes.append(install_punkt(environment.folder, installer))
    with phase("check") as notes:
        notes.append(check(environment, locked))
    write_stamps(group, environment)
    print(f"{environment.folder.name} is ready after {time.monotonic() - start:.0f} s", flush=True)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("group", choices=[*GROUPS, "lock"])
    parser.add_argument("--python", help="the Python to make .venv with (default: the first that suits)")
    parser.add_argument("--venv", type=Path, default=ROOT / ".venv")
    parser.add_argument("--upgrade", action="store_true", help="with lock: take the newest versions")
    options = parser.parse_args(arguments)
    environment = Environment(options.venv.absolute())
    try:
        if options.group == "lock":
            make_venv(environment, locked=True, asked=options.python)
            write_locks(ROOT, environment.folder, environment.log, options.upgrade)
        elif not is_done(options.group, environment):
            set_up(options.group, environment, options.python)
        return 0
    except CommandFailed as failure:
        line = explain(failure, environment.log)
    except SetupError as failure:
        line = str(failure)
    except OSError as failure:
        line = SPACE_LINE if failure.errno in (errno.ENOSPC, errno.EDQUOT) else str(failure)
    except KeyboardInterrupt:
        print("\nstopped; run the same command again to go on", file=sys.stderr)
        return 130
    print(f"set-up failed: {line}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
