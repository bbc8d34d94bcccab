"""Golden tests read published data from the folder that SNAKEVAL_DATA names; without it they skip."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder with the published data, or a skip that says what is missing."""
    folder = Path(os.environ.get("SNAKEVAL_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no published data at {folder}; set SNAKEVAL_DATA to the folder that holds it")
    return folder


@pytest.fixture(scope="session")
def arena(data_dir: Path) -> Path:
    """The folder with the published Arena-Hard data, or a skip."""
    folder = data_dir / "arena_hard"
    if not folder.is_dir():
        pytest.skip(f"no published data: {folder} is not there")
    return folder
