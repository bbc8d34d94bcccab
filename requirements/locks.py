"""Make the locks from pyproject.toml, with uv: `make lock`."""

from __future__ import annotations

from pathlib import Path

from requirements.installer import bootstrap
from requirements.process import SetupError, run
from requirements.stub_wheels import STUBS, write_stub_wheels

SLURM = "snakemake-executor-plugin-slurm==2.6.1"
"""2.8 wants numpy>=2.4.5, and vLLM's mistral-common wants numpy<2.4."""

HEADER = """\
# {name}: {what}
# Made by `make lock` from pyproject.toml; why no hashes: requirements/README.md.
"""

CPU_PLATFORM = ("--python-version", "3.11", "--python-platform", "x86_64-manylinux_2_28")
LOCKS = {
    # The largest first: the others take its versions, so that one .venv can serve all groups.
    "test": (
        "the workflow, vLLM on the CPU and the tests; Python 3.11, Linux x86-64",
        ("cpu", "llama-cpp", "lm-eval", "s3", "test"),
        CPU_PLATFORM,
    ),
    "cpu": ("the workflow and vLLM on the CPU; Python 3.11, Linux x86-64", ("cpu",), CPU_PLATFORM),
    "workflow": (
        "the workflow alone; any Python from 3.11 on",
        (),
        ("--universal", "--python-version", "3.11"),
    ),
}


def write_locks(root: Path, venv: Path, log: Path, upgrade: bool) -> None:
    """Write the three locks, keeping the versions they hold unless `upgrade`."""
    installer = bootstrap(venv / "bin" / "python", log)
    if not installer.is_uv:
        raise SetupError("the locks are made with uv, and pip finds none")
    work = venv / "lock"
    stubs = venv / "stubs"
    write_stub_wheels(stubs)
    for name, (what, extras, platform) in LOCKS.items():
        extra_pins = [SLURM, "setuptools>=77"]
        if "cpu" in extras:
            extra_pins += [f"{stub}=={version}" for stub, version in STUBS.items()]
        work.mkdir(exist_ok=True)
        (work / f"{name}.in").write_text("\n".join(extra_pins) + "\n")
        target = root / "requirements" / f"{name}.lock"
        argv = [
            installer.command[0],
            "pip",
            "compile",
            str(root / "pyproject.toml"),
            str(work / f"{name}.in"),
        ]
        argv += [*platform, *installer.options, "--find-links", str(stubs), "--no-header", "--no-annotate"]
        argv += [part for extra in extras for part in ("--extra", extra)]
        argv += ["-o", str(target), *(["--upgrade"] if upgrade else [])]
        if name != "test":
            argv += ["--constraints", str(root / "requirements" / "test.lock")]
        run(argv, log, installer.env)
        pins = [line for line in target.read_text().splitlines() if line and not line.startswith("#")]
        target.write_text(HEADER.format(name=target.name, what=what) + "\n".join(pins) + "\n")
        print(f"{target.name}: {len(pins)} pins")
