"""Bring environments to their locks: `python3 -m requirements.setup_env GROUP...`, standard library only.

The workflow and the tests are in .venv, the engine is in .venv/engine. It writes there, into the caches of
pip and uv, and into workflow/snakeval.egg-info (the editable install). It costs nothing once done, and goes
on where it was stopped. What its programs print is in setup.log of each environment. `lock` instead of
groups makes the locks again.
"""

from __future__ import annotations

import argparse
import errno
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from requirements import environments
from requirements.environments import GROUPS, Environment, is_done, pins, write_stamps
from requirements.find_python import Interpreter, fetch_python, find_python, probe, suits
from requirements.installer import UV, Installer, bootstrap
from requirements.locks import write_locks
from requirements.process import SPACE_LINE, CommandFailed, SetupError, doing, explain, run
from requirements.punkt import install_punkt
from requirements.stub_wheels import write_stub_wheels

VLLM_CHECK = """
import vllm
from vllm.platforms import current_platform
if not current_platform.is_cpu():
    raise SystemExit(f"vLLM chose the platform {current_platform.device_type!r}, not 'cpu'")
print(vllm.__version__, "on the CPU")
"""


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
    """Create the environment, or accept the one that is there if its Python suits."""
    begun = environment.unfinished("venv")
    # The engine's may be there first, in a folder that is no environment yet.
    if environment.python.parent.exists() and not begun.exists():
        there = probe(str(environment.python))
        if there is None or not suits(there, locked):
            what = "has no working Python" if there is None else f"has {there}"
            needed = "3.11" if locked else "3.11 or newer"
            raise SetupError(
                f"{environment.name} {what}, but Python {needed} is needed: `make clean`, then try again"
            )
        return there
    environment.folder.mkdir(parents=True, exist_ok=True)
    begun.touch()
    python = find_python(environment.folder, locked, asked)
    python = python or fetch_python(environment.folder, environment.log, UV)
    run([python.path, "-m", "venv", str(environment.folder)], environment.log)
    begun.unlink()
    return python


def install_packages(group: str, environment: Environment, installer: Installer, again: bool) -> str:
    """Install all pins of the lock but torch, and beside the workflow's Snakeval, editable; return a note."""
    chosen = [pin for pin in pins(group) if not pin.startswith("torch==")]
    file = environment.folder / "setup-packages.txt"
    file.write_text("\n".join(chosen) + "\n")
    stubs = environment.folder / "stubs"
    write_stub_wheels(stubs)
    ours = [] if GROUPS[group].locked else ["-e", str(environments.ROOT)]
    installer.install(["--find-links", str(stubs), "-r", str(file), *ours], again=again)
    return f"{len(chosen)} pinned{', and snakeval' if ours else ''}"


def check(environment: Environment, locked: bool) -> str:
    """Run what was installed; that also compiles much of what the first run would have to."""
    name, command = "snakemake", [str(environment.folder / "bin" / "snakemake"), "--version"]
    if locked:
        name, command = "vllm", [str(environment.python), "-c", VLLM_CHECK]
    env = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    if done.returncode != 0:
        with environment.log.open("a") as log:
            log.write(f"$ {name}\n{done.stdout}{done.stderr}")
        raise CommandFailed([f"check of {name}"], done.returncode, done.stdout + done.stderr)
    return f"{name} {done.stdout.strip().splitlines()[-1]}"


def check_machine() -> None:
    """Raise SetupError where the engine can't be had."""
    machine = f"{platform.system()} {platform.machine()}"
    if machine != "Linux x86_64":
        raise SetupError(
            f"vLLM's CPU build is locked for Linux x86_64 and this is {machine}: `make install` sets up the"
            " workflow without vLLM, for models that are served elsewhere"
        )


def set_up(group: str, environment: Environment, asked: str | None) -> None:
    """All phases, each timed."""
    locked = GROUPS[group].locked
    print(f"setting up {environment.name} ({group})", flush=True)
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
    print(f"{environment.name} is ready after {time.monotonic() - start:.0f} s", flush=True)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("groups", nargs="+", choices=[*GROUPS, "lock"])
    parser.add_argument("--python", help="the Python to use (default: the first that suits)")
    parser.add_argument("--venv", type=Path, default=environments.ROOT / ".venv")
    parser.add_argument("--upgrade", action="store_true", help="with lock: take the newest versions")
    options = parser.parse_args(arguments)
    environment = Environment(options.venv.absolute())
    try:
        if "engine" in options.groups:
            check_machine()
        for name in options.groups:
            if name == "lock":
                make_venv(environment, locked=False, asked=options.python)
                write_locks(environments.ROOT, environment.folder, environment.log, options.upgrade)
                continue
            environment = Environment(options.venv.absolute() / GROUPS[name].folder)
            if not is_done(name, environment):
                set_up(name, environment, options.python)
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
