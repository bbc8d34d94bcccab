"""Groups of packages, the environments that hold them, and what says that one is as its lock wants it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Group:
    """`includes`: the groups that come with it. `folder`: its environment, within .venv.

    `locked`: for Python 3.11 on Linux x86-64 only, as vLLM's build for the CPU is.
    """

    folder: str = "."
    locked: bool = False
    includes: tuple[str, ...] = ()


GROUPS = {
    "workflow": Group(),
    "test": Group(includes=("workflow",)),
    "engine": Group(folder="engine", locked=True),
}


@dataclass(frozen=True)
class Environment:
    """A virtual environment and the files that setting it up keeps in it."""

    folder: Path

    @property
    def name(self) -> str:
        """As people know it: .venv or .venv/engine."""
        return "/".join(self.folder.parts[-2 if self.folder.name == "engine" else -1 :])

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
    return [line for line in lock_file(group).read_text().splitlines() if line and line[0] != "#"]


def digest(group: str, environment: Environment) -> str:
    """Of all that it is made from; its own path too, because its scripts hold it."""
    ours = b"" if GROUPS[group].locked else (ROOT / "pyproject.toml").read_bytes()
    parts = [lock_file(group).read_bytes(), ours, bytes(environment.folder)]
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
