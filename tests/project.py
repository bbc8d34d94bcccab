"""A copy of the project that a test runs Snakemake in."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
# Seconds in which anything ends that ends by itself, on however busy a machine; only a hang takes longer.
PATIENCE = 900
SNAKEMAKE = Path(sys.executable).with_name("snakemake")
# A job of a dry run; those of a service's group are indented.
JOB = re.compile(r"^( *)(?:local)?rule (\w+):\n((?:\1    .*\n)+)", re.MULTILINE)


@dataclass
class Project:
    """A copy of the project. Every process started through it carries `mark` in its environment."""

    folder: Path
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)
    # Where Snakemake is, and what else goes into the environment.
    programs: Path = SNAKEMAKE.parent
    variables: Mapping[str, str] = field(default_factory=dict)

    def environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment of this project's processes."""
        path = f"{self.programs}{os.pathsep}{os.environ['PATH']}"
        own = {"PATH": path, "PYTHONPATH": str(self.folder / "workflow"), "PROJECT_MARK": self.mark}
        return {**os.environ, **own, **self.variables, **(extra or {})}

    def start(self, *arguments: str, **extra: str) -> subprocess.Popen[str]:
        """Start Snakemake here, in a session of its own."""
        return subprocess.Popen(
            [str(self.programs / "snakemake"), *arguments],
            cwd=self.folder,
            env=self.environment(extra),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, check: bool = True, **extra: str) -> subprocess.CompletedProcess[str]:
        """Run Snakemake here and return what it printed."""
        process = self.start(*arguments, **extra)
        output, _ = process.communicate(timeout=PATIENCE)
        if check:
            assert process.returncode == 0, output
        return subprocess.CompletedProcess(arguments, process.returncode, output)

    def stale(self, *targets: str) -> dict[str, list[str]]:
        """Rules that a dry run would run, each with the first output of its jobs."""
        jobs: dict[str, list[str]] = {}
        for _, rule, block in JOB.findall(self.run("-n", *targets).stdout):
            output = re.search(r"^ +output: ([^,\n]+)", block, re.MULTILINE)
            jobs.setdefault(rule, []).append(output[1].strip() if output else "")
        return {rule: sorted(outputs) for rule, outputs in jobs.items()}

    def processes(self) -> dict[int, str]:
        """Living processes that carry the mark, with their command lines; zombies are dead."""
        found = {}
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and self.mark.encode() in (entry / "environ").read_bytes():
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
        return found

    def copy(self, folder: Path) -> Project:
        """A copy with results, Snakemake's records and modification times."""
        shutil.copytree(self.folder, folder, symlinks=True, copy_function=shutil.copy2)
        return Project(folder, programs=self.programs, variables=self.variables)

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace text in a file; it must be there."""
        file = self.folder / path
        text = file.read_text()
        assert old in text, f"{path}: no {old!r}"
        file.write_text(text.replace(old, new, 1))


def new_project(folder: Path) -> Project:
    """The project's files as git knows them, without results; and the library's bytecode, if there is any."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=REPOSITORY,
        capture_output=True,
        check=True,
    )
    for name in listed.stdout.decode().split("\0"):
        source = REPOSITORY / name
        if name and source.is_file() and not name.startswith("tests/"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, folder / name)
    library = REPOSITORY / "workflow" / "snakeval"
    for compiled in library.rglob("*.pyc"):  # it holds while the source has the same time and size
        target = folder / compiled.relative_to(REPOSITORY)
        target.parent.mkdir(exist_ok=True)
        shutil.copy2(compiled, target)
    return Project(folder)
