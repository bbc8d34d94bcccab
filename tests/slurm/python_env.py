"""A Python environment for the test cluster: the tests' own packages, 64 processors, a stand-in for vLLM."""

from __future__ import annotations

import json
import shutil
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import engine

HERE = Path(__file__).parent
SNAKEMAKE = """\
#!{python}
import sys
from snakemake.cli import main
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor
# The plugin looks at its jobs ever more rarely, up to 3 minutes apart: a test has not the time.
RemoteExecutor.next_seconds_between_status_checks = property(lambda self: 1, lambda self, seconds: None)
sys.exit(main())
"""
VLLM = """\
#!/bin/sh
exec {python} {script} {record} "$@"
"""


@dataclass(frozen=True, slots=True)
class FakeEngine:
    """What the engines of a project have done, and how they shall behave; see `fake_vllm`."""

    folder: Path

    def starts(self) -> list[dict[str, Any]]:
        """One entry a start: model, node, job, gpus (CUDA_VISIBLE_DEVICES), parallel, options."""
        return _lines(self.folder / "starts.jsonl")

    def requests(self) -> list[dict[str, Any]]:
        """One entry an answered request: pid and node of the engine, body."""
        return _lines(self.folder / "requests.jsonl")

    def behave(self, **wanted: object) -> None:
        """Set, from the next request on, how engines behave: `seconds`, `exit`, `broken`."""
        written = self.folder / "behaviour.json.new"
        written.write_text(json.dumps(wanted))
        written.rename(self.folder / "behaviour.json")


def _lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def make_environment(folder: Path, real_vllm: bool) -> FakeEngine:
    """Make an environment below `folder`, with bin/ for `Project.programs`.

    It has the packages of the Python that runs the tests. `vllm` is the real one, or a stand-in.
    """
    here = Path(sys.executable)
    (folder / "bin").mkdir(parents=True)
    python = folder / "bin" / here.name
    for name in {here.name, "python", "python3"}:
        (folder / "bin" / name).symlink_to(here.resolve())
    (folder / "pyvenv.cfg").write_text(f"home = {here.resolve().parent}\n")
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = folder / "lib" / version / "site-packages"
    packages.mkdir(parents=True)
    # Not through site.addsitedir: the project's own code comes from PYTHONPATH alone.
    (packages / "tests.pth").write_text(f"{sysconfig.get_paths()['purelib']}\n")
    shutil.copy(HERE / "fakecpu/sitecustomize.py", packages)
    _program(folder / "bin/snakemake", SNAKEMAKE.format(python=python))
    record = folder / "record"
    record.mkdir()
    if real_vllm:
        (folder / "engine").symlink_to(engine.program().parent.parent)
    else:
        stub = VLLM.format(python=python, script=HERE / "fake_vllm.py", record=record)
        # Beside Python there must be none, or a model without GPUs gets vLLM's own start-up code.
        _program(folder / "stub/vllm", stub)
    return FakeEngine(record)


def _program(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
