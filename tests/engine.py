"""The engine that the tests start: in an environment of its own, or in that of the tests."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from snakeval.serving import engines, launches


def program() -> Path:
    """The file of vLLM's program; skips the test where there is none."""
    try:
        return Path(launches.executable("vllm", engines.MISSING))
    except launches.EngineMissing as reason:
        pytest.skip(str(reason))


def python() -> str:
    """The Python that can import vLLM, torch and transformers' classes."""
    return str(program().with_name("python"))


def package(name: str) -> Path | None:
    """The folder of a package in the engine's environment, to be read; None where there is none."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    environments = program().parent.parent.glob("lib/python3*/site-packages")
    found = [folder / name for folder in sorted(environments, key=lambda each: each.parent.name != version)]
    return next((folder for folder in found if folder.is_dir()), None)
