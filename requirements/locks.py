"""Make the locks from pyproject.toml, with uv: `make lock`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from requirements.installer import bootstrap
from requirements.process import SetupError, run
from requirements.stub_wheels import STUBS, write_stub_wheels

HEADER = """\
# {name}: {what}
# Made by `make lock` from pyproject.toml; why no hashes: requirements/README.md.
"""


@dataclass(frozen=True)
class Lock:
    """`asked`: what is resolved, as options of `uv pip compile`; `more`: what is wanted beside it."""

    what: str
    asked: tuple[str, ...]
    platform: tuple[str, ...]
    more: tuple[str, ...] = ()


# One version for every Python, where there is one: what is tested is what others get.
ANY_PYTHON = ("--universal", "--python-version", "3.11", "--fork-strategy", "fewest")
EXTRAS = ("ifeval", "llama-cpp", "lm-eval", "s3", "test")
TESTS = ("pyproject.toml", *(word for extra in EXTRAS for word in ("--extra", extra)))
BUILD = ("setuptools>=77",)
LOCKS = {
    # The larger first: the workflow takes its versions, so that one .venv can serve both groups.
    "test": Lock("the workflow and the tests; any Python from 3.11 on", TESTS, ANY_PYTHON, BUILD),
    "workflow": Lock(
        "the workflow alone; any Python from 3.11 on",
        ("pyproject.toml", "--constraints", "requirements/test.lock"),
        ANY_PYTHON,
        BUILD,
    ),
    "engine": Lock(
        "vLLM on the CPU, in an environment of its own; Python 3.11, Linux x86-64",
        ("--group", "engine"),
        ("--python-version", "3.11", "--python-platform", "x86_64-manylinux_2_28"),
        tuple(f"{stub}=={version}" for stub, version in STUBS.items()),
    ),
}


def write_locks(root: Path, venv: Path, log: Path, upgrade: bool) -> None:
    """Write the locks, keeping the versions they hold unless `upgrade`."""
    installer = bootstrap(venv / "bin" / "python", log)
    if not installer.is_uv:
        raise SetupError("the locks are made with uv, and pip finds none")
    stubs = venv / "stubs"
    write_stub_wheels(stubs)
    for name, lock in LOCKS.items():
        more = venv / f"lock-{name}.in"
        more.write_text("\n".join(lock.more) + "\n")
        target = root / "requirements" / f"{name}.lock"
        argv = [installer.command[0], "pip", "compile", *lock.asked, str(more), *lock.platform]
        argv += [*installer.options, "--find-links", str(stubs), "--no-header", "--no-annotate"]
        argv += ["-o", str(target), *(["--upgrade"] if upgrade else [])]
        run(argv, log, installer.env, root)
        pins = [line for line in target.read_text().splitlines() if line and not line.startswith("#")]
        target.write_text(HEADER.format(name=target.name, what=lock.what) + "\n".join(pins) + "\n")
        print(f"{target.name}: {len(pins)} pins")
